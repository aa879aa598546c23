import { z } from 'zod'
import { isConstant } from '../mapping/form.ts'
import { amoId, strict, text } from './schema-parts.ts'

/** The shapes of request.mapper and amo-fields.mapper. Their types stand with the others in schema.ts. */

const fieldNamesExpected = 'имя поля или список имён'
const fieldNames = z.union(
  [text(fieldNamesExpected), z.array(text(fieldNamesExpected)).min(1, { error: fieldNamesExpected })],
  { error: fieldNamesExpected },
)

const responsible = z.union([amoId('пользователя'), z.literal('contact')], {
  error: 'id пользователя в amoCRM или contact (ответственный за контакт)',
})

const routeSchema = strict({
  pipeline_id: amoId('воронки').optional(),
  status_id: amoId('этапа').optional(),
  responsible_user_id: responsible.optional(),
})

const mappingSchema = strict({
  id: z.string().optional(),
  mapped_id: fieldNames,
  value: z.string({ error: 'строка' }).optional(),
  values: z.record(z.string(), z.string({ error: 'строка' }), { error: 'объект { значение: значение }' }).optional(),
  default: z.string({ error: 'строка' }).optional(),
})

const tagExpected = 'строка или mapping###поле'
const tag = z.string({ error: tagExpected }).refine((text) => !text.includes('###') || /^mapping###./.test(text), {
  error: tagExpected,
})
const tags = z.array(tag, { error: 'список строк' }).default([])

const productMatch = z.enum(['name', 'sku'], { error: 'name или sku' })

const formSchema = strict({
  sources: z.array(text('id источника заказов'), { error: 'список источников заказов' }).default([]),
  pipeline_id: amoId('воронки'),
  status_id: amoId('этапа'),
  responsible_user_id: responsible.optional(),
  lead_name: z.string({ error: 'строка, может быть пустой' }).default(''),
  entities_create: z
    .array(z.enum(['lead', 'contact', 'company'], { error: 'lead, contact или company' }), { error: 'список' })
    .default(['lead']),
  mapping: z
    .record(z.string(), mappingSchema, { error: 'объект { поле запроса: { mapped_id } }' })
    .superRefine((mapping, context) => {
      for (const [key, { value }] of Object.entries(mapping)) {
        if (isConstant(key) && value === undefined)
          context.addIssue({ code: 'custom', path: [key, 'value'], message: 'строка: значение постоянной custom###' })
      }
    })
    .default({}),
  logic: z
    .record(z.string(), z.record(z.string(), routeSchema), {
      error: 'объект { поле: { значение: { pipeline_id, status_id, responsible_user_id } } }',
    })
    .default({}),
  tags: strict({ lead: tags, contact: tags, company: tags }).default({ lead: [], contact: [], company: [] }),
  partner_not_found: z
    .union([z.enum(['warn', 'create']), z.strictObject({ contact_id: amoId('контакта') })], {
      error: 'warn, create или { contact_id: id контакта }',
    })
    .default('warn'),
  products: strict({
    match: z
      .array(productMatch, { error: 'список из name и sku' })
      .min(1, { error: 'name или sku' })
      .default(['name', 'sku']),
    not_found: z.enum(['warn', 'create'], { error: 'warn или create' }).default('warn'),
  }).default({ match: ['name', 'sku'], not_found: 'warn' }),
})

export const requestMapperSchema = strict({
  forms: z
    .record(z.string(), formSchema, { error: 'объект { форма: { pipeline_id, status_id, … } }' })
    .refine((forms) => Object.hasOwn(forms, 'default'), { error: 'форма default: по ней идут заказы без form_id' }),
})

const fieldReferenceExpected = '{ id: число больше нуля }, { name: строка } или { code: строка }'

export const amoFieldsMapperSchema = z.record(
  z.string(),
  z
    .strictObject(
      {
        id: amoId('поля').optional(),
        name: text('имя поля').optional(),
        code: text('код поля').optional(),
        entity: z.enum(['leads', 'contacts', 'companies'], { error: 'leads, contacts или companies' }).optional(),
        part: text('часть поля: WORK, city, vat_id').optional(),
      },
      { error: fieldReferenceExpected },
    )
    .refine(({ id, name, code }) => id !== undefined || name !== undefined || code !== undefined, {
      error: fieldReferenceExpected,
    }),
  { error: 'объект { имя: { id } }' },
)
