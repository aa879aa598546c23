import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { type PagePlace, readAllPages, readPage } from './paging.ts'

const catalog = z.object({ id: z.int(), name: z.string(), type: z.string(), can_link_multiple: z.boolean().nullish() })

export type Catalog = z.output<typeof catalog>

/**
 * The lists of the account: of products, invoices and of its own.
 * https://www.amocrm.ru/developers/content/crm_platform/catalogs-api#lists-list
 */
export async function listCatalogs(client: AmocrmClient): Promise<Catalog[]> {
  return readAllPages(client, '/api/v4/catalogs', 'catalogs', catalog)
}

/** The list of the account's products; null when it has none. The filter by type is not documented, so all lists are read. */
export async function findProductCatalog(client: AmocrmClient) {
  const catalogs = await listCatalogs(client)
  return catalogs.find(({ type }) => type === 'products') ?? null
}

const field = z
  .object({ name: z.string(), code: z.string().nullish(), is_required: z.boolean().nullish() })
  .transform(({ name, code, is_required }) => ({ name, code: code ?? null, isRequired: is_required ?? false }))

/**
 * The fields that the elements of a list have.
 * https://www.amocrm.ru/developers/content/crm_platform/custom-fields#custom-fields-list
 */
export async function listCatalogFields(client: AmocrmClient, catalogId: number) {
  return readAllPages(client, `/api/v4/catalogs/${catalogId}/custom_fields`, 'custom_fields', field)
}

const element = z
  .object({
    id: z.int(),
    name: z.string(),
    created_at: z.int().nullish(),
    updated_at: z.int().nullish(),
    is_deleted: z.boolean().nullish(),
    custom_fields_values: z
      .array(z.object({ field_code: z.string().nullish(), values: z.array(z.object({ value: z.unknown() })) }))
      .nullish(),
  })
  .transform(({ id, name, created_at, updated_at, is_deleted, custom_fields_values }) => ({
    id,
    name,
    createdAt: created_at ?? 0,
    updatedAt: updated_at ?? 0,
    isDeleted: is_deleted ?? false,
    sku: custom_fields_values?.find(({ field_code }) => field_code === 'SKU')?.values[0]?.value,
  }))

/** An element of a list; times are unix seconds. */
export type Element = z.output<typeof element>

/**
 * A page of a list's elements. With `query` those in whose texts it occurs; it is none too exact.
 * https://www.amocrm.ru/developers/content/crm_platform/catalogs-api#list-elements-list
 */
export async function readElements(client: AmocrmClient, catalogId: number, page: PagePlace, query?: string) {
  const search = query === undefined ? '' : `?query=${encodeURIComponent(query)}`
  return readPage(client, `/api/v4/catalogs/${catalogId}/elements${search}`, 'elements', element, page)
}
