import { z } from 'zod'
import { type Converted, type Given, partsOf, refused, taken, textsOf } from './converted.ts'

const longestChain = 5

/** Ids of elements, one of each catalog from the outermost inwards. */
export function convertChain(given: Given): Converted {
  const { catalogIds } = given.target.field
  const ids = textsOf(given.value).flatMap(partsOf)
  const isTooLong = ids.length > Math.min(catalogIds.length, longestChain)
  if (ids.length === 0 || isTooLong || !ids.every((id) => /^[1-9]\d{0,14}$/.test(id)))
    return refused(given, 'value_not_elements')
  return taken(ids.map((id, index) => ({ catalog_id: catalogIds[index], catalog_element_id: Number(id) })))
}

const file = z.object({
  file_uuid: z.string().min(1),
  version_uuid: z.string().optional(),
  file_name: z.string().optional(),
  file_size: z.coerce.number().int().nonnegative().optional(),
})

/** A file that is in the account's drive already. */
export function convertFile(given: Given): Converted {
  const { success, data } = file.safeParse(given.value)
  return success ? taken([{ value: data }]) : refused(given, 'value_not_file')
}
