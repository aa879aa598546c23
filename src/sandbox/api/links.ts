import type { Request, Router } from 'express'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { linksFrom, type NewLink, removeLink, saveLink, showLink } from '../crm/links.ts'
import { checkAuthor } from '../crm/users.ts'
import { checkBatch, type Report, readShape } from '../http/batch.ts'
import { addressOf, self, sendHal, sendNothing, sendPage } from '../http/hal.ts'
import { invalid, notFound } from '../http/problems.ts'
import { at, fits, listOf, type QueryValue, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import type { Link } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

const linkShape = z.strictObject({
  entity_id: z.int().optional(),
  entity_type: z.literal('leads').optional(),
  to_entity_id: z.int(),
  to_entity_type: z.enum(['contacts', 'companies', 'catalog_elements']),
  metadata: z
    .strictObject({
      catalog_id: z.int().optional(),
      quantity: z.number().optional(),
      price_id: z.int().nullish(),
      is_main: z.boolean().optional(),
      updated_by: z.int().optional(),
    })
    .nullish(),
})

type SentLink = z.infer<typeof linkShape>

/** Links of leads, for one lead and for many. */
export function linkRoutes(router: Router, { store }: Context) {
  resource(router, '/leads/link', { post: (req, res) => sendHal(res, link(req)) })
  resource(router, '/leads/:id/link', { post: (req, res) => sendHal(res, link(req, leadOf(req))) })

  resource(router, '/leads/unlink', {
    post(req, res) {
      unlink(req)
      sendNothing(res)
    },
  })
  resource(router, '/leads/:id/unlink', {
    post(req, res) {
      unlink(req, leadOf(req))
      sendNothing(res)
    },
  })

  resource(router, '/leads/links', {
    get(req, res) {
      const ids = listOf(at(queryOf(req), 'filter', 'entity_id'))
      if (ids.length === 0) throw invalid([{ request_id: '0', errors: [entityIdIsMissing] }])
      const records = ids.flatMap((id) => linksFrom(store, 'leads', Number(id))).filter(asked(queryOf(req)))
      sendPage({ req, res, name: 'links', records, show: showLink, counted: 'items' })
    },
  })

  resource(router, '/leads/:id/links', {
    get(req, res) {
      const records = linksFrom(store, 'leads', leadOf(req)).filter(asked(queryOf(req)))
      const show = (link: Link) => {
        const { to_entity_id, to_entity_type, metadata } = showLink(link)
        return { to_entity_id, to_entity_type, metadata }
      }
      sendPage({ req, res, name: 'links', records, show, counted: 'items' })
    },
  })

  function link(req: Request, leadId?: number) {
    const links = store.write(() =>
      checkBatch(req.body, (item, report) => checkLink(store, item, leadId, report)).map((each) =>
        saveLink(store, each),
      ),
    )
    return { _total_items: links.length, ...self(addressOf(req)), _embedded: { links: links.map(showLink) } }
  }

  function unlink(req: Request, leadId?: number) {
    store.write(() => {
      for (const each of checkBatch(req.body, (item, report) => checkLink(store, item, leadId, report))) {
        removeLink(store, each)
      }
    })
  }

  function leadOf(req: Request) {
    const id = numberOf(req, 'id')
    if (!store.leads.get(id)) throw notFound(req)
    return id
  }
}

const entityIdIsMissing = { code: 'FieldMissing', path: 'filter.entity_id', detail: 'This field is missing.' }

function checkLink(store: Store, item: unknown, leadId: number | undefined, report: Report): NewLink | undefined {
  const sent = readShape(linkShape, item, report)
  if (!sent) return undefined
  const entity_id = leadId ?? sent.entity_id
  if (entity_id === undefined) report('FieldMissing', 'entity_id')
  else if (!store.leads.get(entity_id)) report('NotSupportedChoice', 'entity_id')
  const { to_entity_id, to_entity_type, metadata } = sent
  const ends = { entity_type: 'leads' as const, entity_id: entity_id ?? 0, to_entity_id, to_entity_type }
  checkAuthor(store, metadata?.updated_by, 'metadata.updated_by', report)
  if (to_entity_type === 'catalog_elements')
    return { ...ends, ...checkProduct(store, sent, report), main_contact: null }
  if (!store[to_entity_type].get(to_entity_id)) report('NotSupportedChoice', 'to_entity_id')
  const main_contact = to_entity_type === 'contacts' ? metadata?.is_main === true : null
  return { ...ends, catalog_id: null, quantity: null, price_id: null, main_contact }
}

function checkProduct(store: Store, { to_entity_id, metadata }: SentLink, report: Report) {
  const { catalog_id = null, quantity = 1, price_id = null } = metadata ?? {}
  if (catalog_id === null) report('FieldMissing', 'metadata.catalog_id')
  else if (!store.catalogs.get(catalog_id)) report('NotSupportedChoice', 'metadata.catalog_id')
  else if (store.elements.get(to_entity_id)?.catalog_id !== catalog_id) report('NotSupportedChoice', 'to_entity_id')
  // The id of a field that holds a price, not a price.
  const price = price_id === null ? undefined : store.fields.get(price_id)
  const isPrice = price?.catalog_id === catalog_id && ['price', 'numeric'].includes(price?.type ?? '')
  if (price_id !== null && !isPrice) report('NotSupportedChoice', 'metadata.price_id')
  return { catalog_id, quantity, price_id }
}

function asked(query: QueryValue): (link: Link) => boolean {
  const types = listOf(at(query, 'filter', 'to_entity_type'))
  const ids = listOf(at(query, 'filter', 'to_entity_id'))
  const catalogs = listOf(at(query, 'filter', 'to_catalog_id'))
  return (link) => fits(types, link.to_entity_type) && fits(ids, link.to_entity_id) && fits(catalogs, link.catalog_id)
}
