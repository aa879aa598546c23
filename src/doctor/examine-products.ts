import type { AccountState, Setup } from './facts.ts'
import { error, type Finding, ok, warning } from './finding.ts'

/** Whether products can be found, made and linked. */
export function examineProducts({ catalog }: AccountState, { rules }: Setup): Finding[] {
  if (!catalog) return [error('catalog_missing')]
  const forms = Object.entries(rules.forms)
  const params = { catalog: catalog.name }
  const makers = forms.filter(([, { products }]) => products.not_found === 'create').map(([name]) => name)
  const bySku = forms.filter(([, { products }]) => products.match.includes('sku')).map(([name]) => name)
  const has = (code: string) => catalog.fields.some((field) => field.code === code)
  // Made products bring both; what is only looked for misses nothing but one way to be found.
  const missing = makers.length > 0 ? ['SKU', 'PRICE'].filter((code) => !has(code)) : []
  const required = makers.length > 0 ? catalog.fields.filter(isUnfilled) : []
  return [
    ok('catalog_there', params),
    ...(catalog.canLinkMultiple ? [] : [warning('catalog_single', params)]),
    ...missing.map((field) => error('catalog_field_missing', { ...params, field, forms: makers.join(', ') })),
    ...(required.length > 0
      ? [error('catalog_required', { ...params, fields: required.map(({ name }) => name).join(', ') })]
      : []),
    ...(bySku.length > 0 && makers.length === 0 && !has('SKU')
      ? [warning('catalog_without_sku', { ...params, forms: bySku.join(', ') })]
      : []),
  ]
}

/** The CRM wants it of every new element, and we do not have it of every product. */
function isUnfilled({ code, isRequired }: { code: string | null; isRequired: boolean }) {
  return isRequired && code !== 'PRICE' && code !== 'SKU'
}
