import type { RequestMapper } from '../../config/schema.ts'
import { constantMark } from '../../mapping/form.ts'
import type { PhpArray, PhpValue } from './php.ts'
import { asArray, asText, asTexts, asWholeNumber } from './php-values.ts'
import type { Report } from './report.ts'

type Form = RequestMapper['forms'][string]

interface Place {
  /** As the user finds it: `prod/request.mapper.php`. */
  file: string
  key: string
  report: Report
}

const entities = ['lead', 'contact', 'company'] as const
const formKeys = ['pipeline_id', 'status_id', 'lead_name', 'entities_create', 'mapping', 'logic', 'tags']

/** The forms of request.mapper.php, with the numbers that were written as texts. */
export function convertForms(mapper: PhpArray | undefined, file: string, report: Report): RequestMapper {
  const forms = [...(asArray(mapper?.get('forms')) ?? [])].flatMap(([name, value]) => {
    const form = asArray(value)
    const place = { file, key: `forms.${name}`, report }
    if (form) return [[name, convertForm(form, place)] as const]
    return leave(place, '')
  })
  const others = forms.map(([name]) => name).filter((name) => name !== 'default')
  if (forms.length > 0) report.next('cli.import.entities')
  if (others.length > 0) report.next('cli.import.forms_chosen', { file, forms: others.join(', ') })
  if (forms.length > 0) report.carried('cli.import.forms', { file, forms: forms.map(([name]) => name).join(', ') })
  return { forms: Object.fromEntries(forms) }
}

function convertForm(form: PhpArray, place: Place): Form {
  for (const key of form.keys()) if (!formKeys.includes(key)) leave(place, key)
  return {
    pipeline_id: convertId(form, 'pipeline_id', place),
    status_id: convertId(form, 'status_id', place),
    lead_name: asText(form.get('lead_name')) ?? '',
    entities_create: convertEntities(form.get('entities_create'), place),
    mapping: convertMapping(asArray(form.get('mapping')), place),
    logic: convertLogic(asArray(form.get('logic')), place),
    tags: convertTags(asArray(form.get('tags')), place),
  }
}

/** 0 stands for what is still to be filled in. */
function convertId(form: PhpArray, key: string, place: Place) {
  const id = asWholeNumber(form.get(key))
  if (!id && form.has(key)) leave(place, key)
  return id ?? 0
}

/** The PHP script made nothing but leads, whatever stood there. */
function convertEntities(value: PhpValue | undefined, place: Place) {
  const named = asTexts(value)
  for (const name of named) if (!entities.some((entity) => entity === name)) leave(place, `entities_create: ${name}`)
  const idle = entities.filter((entity) => entity !== 'lead' && named.includes(entity))
  const where = { file: place.file, key: `${place.key}.entities_create` }
  if (idle.length > 0) place.report.left('cli.import.entities_idle', { ...where, entities: idle.join(', ') })
  return ['lead' as const]
}

/** An entry's `id` and `type` never meant anything. */
function convertMapping(mapping: PhpArray | undefined, place: Place) {
  const converted = [...(mapping ?? [])].flatMap(([field, value]) => {
    const entry = asArray(value)
    const targets = asTexts(entry?.get('mapped_id'))
    const [first] = targets
    if (!first) return leave(place, `mapping.${field}`)
    const isConstant = field.includes(constantMark)
    const text = isConstant ? asText(entry?.get('value')) : undefined
    if (isConstant && text === undefined) return leave(place, `mapping.${field}.value`)
    const where = { file: place.file, key: `${place.key}.mapping.${field}` }
    if (targets.includes('lead_price')) place.report.next('cli.import.lead_price', where)
    const mapped_id = targets.length === 1 ? first : targets
    // The PHP script found its mark anywhere in the name of a field, which is no field then.
    const name = isConstant && !field.startsWith(constantMark) ? `${constantMark}${field}` : field
    return [[name, text === undefined ? { mapped_id } : { mapped_id, value: text }] as const]
  })
  return Object.fromEntries(converted)
}

function convertLogic(logic: PhpArray | undefined, place: Place) {
  const converted = [...(logic ?? [])].flatMap(([field, value]) => {
    const routes = asArray(value)
    if (!routes) return leave(place, `logic.${field}`)
    return [[field, convertRoutes(routes, field, place)] as const]
  })
  return Object.fromEntries(converted)
}

function convertRoutes(routes: PhpArray, field: string, place: Place) {
  const converted = [...routes].flatMap(([value, route]) => {
    const ids = (['pipeline_id', 'status_id'] as const).flatMap((key) => {
      const id = asWholeNumber(asArray(route)?.get(key))
      return id ? [[key, id] as const] : []
    })
    return ids.length > 0 ? [[value, Object.fromEntries(ids)] as const] : leave(place, `logic.${field}.${value}`)
  })
  return Object.fromEntries(converted)
}

function convertTags(tags: PhpArray | undefined, place: Place) {
  for (const key of tags?.keys() ?? []) if (key !== 'lead' && key !== 'contact') leave(place, `tags.${key}`)
  return { lead: asTexts(tags?.get('lead')), contact: asTexts(tags?.get('contact')) }
}

function leave({ file, key, report }: Place, part: string): [] {
  report.left('cli.import.not_understood', { file, key: part ? `${key}.${part}` : key })
  return []
}
