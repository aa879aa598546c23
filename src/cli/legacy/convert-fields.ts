import type { AmoFieldsMapper } from '../../config/schema.ts'
import type { PhpArray } from './php.ts'
import { asArray, asText, asWholeNumber } from './php-values.ts'
import type { Report } from './report.ts'

/** The names of fields in amo-fields.mapper.php, each with the one way by which the PHP script looked first. */
export function convertFields(mapper: PhpArray | undefined, file: string, report: Report): AmoFieldsMapper {
  const fields: AmoFieldsMapper = {}
  for (const [name, value] of mapper ?? []) {
    const reference = referenceOf(asArray(value))
    if (reference) fields[name] = reference
    else report.left('cli.import.not_understood', { file, key: name })
  }
  const count = Object.keys(fields).length
  if (count > 0) report.carried('cli.import.fields', { file, count })
  return fields
}

function referenceOf(entry: PhpArray | undefined) {
  const id = asWholeNumber(entry?.get('id'))
  const [name, code] = ['name', 'code'].map((key) => asText(entry?.get(key))?.trim())
  if (code?.includes('.')) return { code }
  if (id) return { id }
  if (name) return { name }
  return code ? { code } : null
}
