import type { Request, Response, Router } from 'express'
import { authorOf, type Context } from '../context.ts'
import { linksOf, type NewLink, removeLink, saveLink, showLink } from '../crm/links.ts'
import { checkIsFree, checkLink } from '../crm/new-links.ts'
import { repriceLead } from '../crm/prices.ts'
import { writeBatch } from '../http/batch.ts'
import { addressOf, self, sendHal, sendNothing, sendPage } from '../http/hal.ts'
import { invalid, notFound } from '../http/problems.ts'
import { at, fits, listOf, type QueryValue, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { type EntityType, entityTypes, type Link } from '../store/entities.ts'
import { live } from '../store/live.ts'

/** Links of leads, contacts and companies, for one record and for many. */
export function linkRoutes(router: Router, context: Context) {
  const { store } = context
  for (const type of entityTypes) {
    serveChanges(type)
    serveLists(type)
  }

  function serveChanges(type: EntityType) {
    resource(router, `/${type}/link`, { post: (req, res) => link(req, res, type) })
    resource(router, `/${type}/:id/link`, { post: (req, res) => link(req, res, type, requireRecord(req, type)) })
    resource(router, `/${type}/unlink`, { post: (req, res) => unlink(req, res, type) })
    resource(router, `/${type}/:id/unlink`, { post: (req, res) => unlink(req, res, type, requireRecord(req, type)) })
  }

  function serveLists(type: EntityType) {
    resource(router, `/${type}/links`, {
      get(req, res) {
        const ids = listOf(at(queryOf(req), 'filter', 'entity_id'))
        if (ids.length === 0) throw invalid([{ request_id: '0', errors: [entityIdIsMissing] }])
        const records = ids.flatMap((id) => linksOf(store, type, Number(id))).filter(asked(queryOf(req)))
        sendPage({ req, res, name: 'links', records, show: showLink, counted: 'items' })
      },
    })
    resource(router, `/${type}/:id/links`, {
      get(req, res) {
        const records = linksOf(store, type, requireRecord(req, type)).filter(asked(queryOf(req)))
        const show = (link: Link) => {
          const { to_entity_id, to_entity_type, metadata } = showLink(link)
          return { to_entity_id, to_entity_type, metadata }
        }
        sendPage({ req, res, name: 'links', records, show, counted: 'items' })
      },
    })
  }

  function link(req: Request, res: Response, type: EntityType, id?: number) {
    const { links_per_request } = context.settings.get()
    const links = writeBatch(store, req.body, {
      ...(links_per_request === null ? {} : { limit: links_per_request }),
      check(item, report) {
        const link = checkLink(store, type, id, item, report)
        if (link) checkIsFree(store, link, report)
        return link
      },
      write(link) {
        const saved = saveLink(store, link)
        reprice(res, link)
        return showLink(saved)
      },
    })
    sendHal(res, { _total_items: links.length, ...self(addressOf(req)), _embedded: { links } })
  }

  function unlink(req: Request, res: Response, type: EntityType, id?: number) {
    writeBatch(store, req.body, {
      check: (item, report) => checkLink(store, type, id, item, report),
      write(link) {
        removeLink(store, link)
        reprice(res, link)
      },
    })
    sendNothing(res)
  }

  function reprice(res: Response, { entity_type, entity_id, to_entity_type }: NewLink) {
    if (entity_type !== 'leads' || to_entity_type !== 'catalog_elements') return
    if (context.settings.get().links_set_price) repriceLead(store, entity_id, authorOf(context, res))
  }

  function requireRecord(req: Request, type: EntityType) {
    const id = numberOf(req, 'id')
    if (!live(store, type, id)) throw notFound(req)
    return id
  }
}

const entityIdIsMissing = { code: 'FieldMissing', path: 'filter.entity_id', detail: 'This field is missing.' }

function asked(query: QueryValue): (link: Link) => boolean {
  const types = listOf(at(query, 'filter', 'to_entity_type'))
  const ids = listOf(at(query, 'filter', 'to_entity_id'))
  const catalogs = listOf(at(query, 'filter', 'to_catalog_id'))
  return (link) => fits(types, link.to_entity_type) && fits(ids, link.to_entity_id) && fits(catalogs, link.catalog_id)
}
