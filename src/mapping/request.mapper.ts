import { type Order, textOf } from '../order/order.ts'
import { createFieldFinder, type FieldReference } from './amo-fields.mapper.ts'
import { chooseForm, type Form, type FormRules, routeLead, tagsOf } from './form.ts'
import { inWords } from './in-words.ts'
import { createLayout, type Templates } from './layout.ts'
import { createValueMapping } from './mapped-values.ts'
import { parseNumber } from './numbers.ts'
import { createPeopleMapping } from './people.ts'
import type { CrmAccount, Fallbacks, MappingWarning, Plan, Translate } from './plan.ts'
import { addUpProducts } from './products.ts'

/** What the configuration says of mapping. */
export interface Rules extends FormRules {
  amoFields: Record<string, FieldReference>
  templates: Templates
  /** Of people whom an order does not name. */
  defaultNames: { contact: string; company: string }
  translate: Translate
}

export type Mapper = ReturnType<typeof createMapper>

/** Prepares the rules for one account. The result turns an order into what should exist there; no input makes it throw. */
export function createMapper(rules: Rules, account: CrmAccount) {
  const findField = createFieldFinder(account.fields)
  const forms = new Map(
    Object.entries(rules.forms).map(([name, form]) => [
      name,
      {
        form,
        mapValues: createValueMapping(form, { amoFields: rules.amoFields, findField, account }),
        mapPeople: createPeopleMapping(form, { defaultNames: rules.defaultNames, account }),
        layOut: createLayout(name, rules),
      },
    ]),
  )

  return function mapOrder(received: Order): Plan {
    const order = inWords(received, { timeZone: account.timeZone, translate: rules.translate })
    const name = chooseForm(order, rules)
    const prepared = forms.get(name)
    if (!prepared) throw new Error('request.mapper has no form "default"')
    const { form, mapValues, mapPeople, layOut } = prepared

    const partnerId = partnerIdOf(order)
    const mapped = mapValues(order)
    const price = priceOf(mapped.system.lead_price)
    const { products, warnings: ofProducts } = addUpProducts(order.products)
    const { pipelineId, statusId, responsible, warnings: ofRoute } = routeLead(order, form, account)
    const people = mapPeople(order, mapped, responsible)
    const texts = layOut(order, mapped.system.lead_name ?? form.lead_name)
    return {
      form: name,
      partnerId,
      lead: {
        name: texts.leadName,
        price: price.amount,
        pipelineId,
        statusId,
        responsible,
        tags: tagsOf(order, form.tags.lead),
        fields: mapped.fields.leads,
      },
      contact: people.contact,
      company: people.company,
      products,
      fallbacks: fallbacksOf(form, partnerId ?? '', rules.translate),
      note: texts.note,
      warnings: [
        ...(partnerId === null && isPartnerExpected(order) ? [{ code: 'partner_missing', params: {} }] : []),
        ...mapped.warnings,
        ...price.warnings,
        ...ofRoute,
        ...people.warnings,
        ...ofProducts,
        ...texts.warnings,
      ],
    }
  }
}

const highestPrice = 1e12

function priceOf(text: string | undefined): { amount: number | null; warnings: MappingWarning[] } {
  if (text === undefined || text === '') return { amount: null, warnings: [] }
  const amount = parseNumber(text)
  if (amount === null || amount < 0 || amount > highestPrice)
    return { amount: null, warnings: [{ code: 'price_invalid', params: { value: text } }] }
  return { amount: Math.round(amount), warnings: [] }
}

function fallbacksOf({ partner_not_found, products }: Form, partner: string, translate: Translate): Fallbacks {
  return {
    partner: typeof partner_not_found === 'object' ? { contactId: partner_not_found.contact_id } : partner_not_found,
    partnerName: partner_not_found === 'create' ? translate('default.partner_name', { partner }) : '',
    product: products.not_found,
    productMatch: products.match,
  }
}

function partnerIdOf({ meta }: Order) {
  const id = textOf(meta['customer_id']).trim()
  return id === '' || id === '0' ? null : id
}

/** Whoever fills in a form on a site is nobody's partner, nor need a shop of the order API be one. */
function isPartnerExpected({ format }: Order) {
  return format === 'lk'
}
