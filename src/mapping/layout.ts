import nunjucks from 'nunjucks'
import { type Order, textOf } from '../order/order.ts'
import { formatMoney, formatQuantity } from './numbers.ts'
import type { MappingWarning, Translate } from './plan.ts'

/** Sources of nunjucks templates. */
export interface Template {
  leadName: string
  note: string
}

/** `standard` is the one that ships; the others are the installation's own, by form. */
export interface Templates {
  standard: Template
  forms: Record<string, Template>
}

export type Layout = ReturnType<typeof createLayout>

/** Texts are plain, so nothing is escaped as HTML: the pages that show them do that. */
const environment = new nunjucks.Environment([], { autoescape: false, trimBlocks: true, lstripBlocks: true })
environment.addFilter('money', (value: unknown) => formatMoney(textOf(value)))
environment.addFilter('quantity', (value: unknown) => formatQuantity(textOf(value)))

/** Throws for a template that cannot be used, with the place in it. */
export function checkTemplate(source: string) {
  compile(source).render(
    contextOf({ source: '', format: 'lk', fields: {}, meta: {}, products: [], vouchers: [], totals: [] }, '', String),
  )
}

const compiled = new Map<string, nunjucks.Template>()

/** Each text but once: most forms share theirs, and a plan is made for every page that shows one. */
function compile(source: string) {
  const template = compiled.get(source) ?? new nunjucks.Template(source, environment, undefined, true)
  compiled.set(source, template)
  return template
}

/** Writes the name of the lead and its note. Should the installation's own template fail over an order, the standard one does it. */
export function createLayout(form: string, { templates, translate }: { templates: Templates; translate: Translate }) {
  const texts = new Map<string, string>()
  const t = (key: string, params?: Record<string, string | number>) => {
    if (params) return translate(key, params)
    const known = texts.get(key) ?? translate(key)
    texts.set(key, known)
    return known
  }
  const own = Object.hasOwn(templates.forms, form) ? templates.forms[form] : undefined
  const write = { leadName: prepare('leadName'), note: prepare('note') }

  function prepare(kind: keyof Template) {
    const standard = compile(templates.standard[kind])
    const template = own ? compile(own[kind]) : standard
    return (context: object, warnings: MappingWarning[]) => {
      try {
        return template.render(context)
      } catch (error) {
        const says = error instanceof Error ? error.message : String(error)
        warnings.push({ code: 'template_failed', params: { template: kind, error: oneLine(says) } })
        return standard.render(context)
      }
    }
  }

  return function layOut(order: Order, base: string) {
    const warnings: MappingWarning[] = []
    const context = contextOf(order, base, t)
    const leadName = cut(oneLine(write.leadName(context, warnings)) || t('default.lead_name'))
    return { leadName, note: write.note(context, warnings).trimEnd(), warnings }
  }
}

/** What a template may speak of: texts, lists of them and `t`. */
function contextOf({ source, format, fields, meta, products, vouchers, totals }: Order, base: string, t: Translate) {
  return {
    t,
    source,
    format,
    base: oneLine(base),
    fields: textsOf(fields, oneLine),
    multiline: textsOf(fields, plain),
    meta: textsOf(meta, oneLine),
    products: products.map((product) => {
      const options = product.options.map(({ name, value }) => `${name}: ${value}`).join(', ')
      return textsOf({ ...product, options }, oneLine)
    }),
    vouchers: vouchers.map((voucher) => textsOf(voucher, oneLine)),
    totals: totals.map((total) => textsOf(total, oneLine)),
  }
}

/** The values as texts, each made when a template asks for it: an order has ten times as many as a note shows. */
function textsOf(values: object, clean: (text: string) => string): Record<string, string> {
  const made = new Map<string | symbol, string>()
  return new Proxy(values as Record<string, string>, {
    get(_, key) {
      const known = made.get(key)
      if (known !== undefined || !Object.hasOwn(values, key)) return known
      const text = clean(textOf(Reflect.get(values, key)))
      made.set(key, text)
      return text
    },
  })
}

function plain(text: string) {
  return text.replace(/\r\n?/g, '\n').replace(/[^\S\n]{2,}/g, ' ')
}

/** A line break in a buyer's name would make a line of its own in the note. */
function oneLine(text: string) {
  return text.replace(/\s+/g, ' ').trim()
}

const longestName = 255

/** The note holds every product, so the name of a lead with many may be cut. */
export function cut(name: string) {
  const characters = Array.from(name)
  return characters.length <= longestName ? name : `${characters.slice(0, longestName - 1).join('')}…`
}
