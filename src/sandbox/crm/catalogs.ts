import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import { refused } from '../http/problems.ts'
import type { Catalog } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'

const settable = {
  sort: z.int().optional(),
  can_add_elements: z.boolean().optional(),
  can_show_in_cards: z.boolean().optional(),
  can_link_multiple: z.boolean().optional(),
  request_id: requestIdShape,
}

const newCatalogShape = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['regular', 'products', 'invoices']).default('regular'),
  ...settable,
})

const changedCatalogShape = z.strictObject({
  id: z.int().optional(),
  name: z.string().min(1).optional(),
  type: z.string().optional(),
  ...settable,
})

type NewCatalog = z.infer<typeof newCatalogShape>
type ChangedCatalog = z.infer<typeof changedCatalogShape>

const mostCatalogs = 10

/** An account has one list of products and one of invoices. */
export function checkNewCatalog(store: Store, item: unknown, report: Report): NewCatalog | undefined {
  const sent = readShape(newCatalogShape, item, report)
  if (!sent) return undefined
  const catalogs = store.catalogs.all()
  if (catalogs.length >= mostCatalogs) throw refused(`An account can have ${mostCatalogs} lists`)
  if (sent.type !== 'regular' && catalogs.some(({ type }) => type === sent.type)) report('NotSupportedChoice', 'type')
  return sent
}

export function checkChangedCatalog(store: Store, id: number | undefined, item: unknown, report: Report) {
  const sent = readShape(changedCatalogShape, item, report)
  if (!sent) return undefined
  const known = id ?? sent.id
  const before = known === undefined ? undefined : store.catalogs.get(known)
  if (!before) return void report(known === undefined ? 'FieldMissing' : 'NotSupportedChoice', 'id')
  if (sent.type !== undefined && sent.type !== before.type) report('NotSupportedChoice', 'type')
  return { before, sent }
}

export function createCatalog(store: Store, sent: NewCatalog, by: Author): Catalog {
  const now = by.clock.seconds()
  const { name, type, sort = (store.catalogs.size + 1) * 10 } = sent
  const author = { created_by: by.userId, created_at: now, updated_by: by.userId, updated_at: now }
  return store.catalogs.put({ id: store.catalogs.nextId(), name, type, sort, ...author, ...switches(sent) })
}

export function changeCatalog(store: Store, before: Catalog, sent: ChangedCatalog, by: Author): Catalog {
  const { name = before.name, sort = before.sort } = sent
  const author = { updated_by: by.userId, updated_at: by.clock.seconds() }
  return store.catalogs.put({ ...before, name, sort, ...author, ...switches(sent) })
}

function switches(sent: NewCatalog | ChangedCatalog) {
  const names = ['can_add_elements', 'can_show_in_cards', 'can_link_multiple'] as const
  return Object.fromEntries(names.flatMap((name) => (sent[name] === undefined ? [] : [[name, sent[name]]])))
}
