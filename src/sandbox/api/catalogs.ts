import type { Request, Router } from 'express'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { changeCatalog, checkChangedCatalog, checkNewCatalog, createCatalog } from '../crm/catalogs.ts'
import { checkOne, requestId, requestIdIfSent, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import type { Store } from '../store/store.ts'

export function catalogRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/catalogs', {
    get(req, res) {
      const types = listOf(at(queryOf(req), 'type'))
      const wanted = store.catalogs.all().filter(({ type }) => fits(types, type))
      const show = presenterFor(context, req).catalog
      sendPage({ req, res, name: 'catalogs', records: inOrder(queryOf(req), ['id'], wanted), show })
    },
    post(req, res) {
      const catalogs = writeBatch(store, req.body, {
        check: (item, report) => checkNewCatalog(store, item, report),
        write: (sent, index) => ({
          ...presenterFor(context, req).catalog(createCatalog(store, sent, authorOf(context, res))),
          request_id: requestId(sent.request_id, index),
        }),
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { catalogs } })
    },
    patch(req, res) {
      const catalogs = writeBatch(store, req.body, {
        check: (item, report) => checkChangedCatalog(store, undefined, item, report),
        write: ({ before, sent }) => ({
          ...presenterFor(context, req).catalog(changeCatalog(store, before, sent, authorOf(context, res))),
          ...requestIdIfSent(sent.request_id),
        }),
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { catalogs } })
    },
  })

  resource(router, '/catalogs/:id', {
    get(req, res) {
      const catalog = store.catalogs.get(numberOf(req, 'id'))
      sendFound(res, catalog && presenterFor(context, req).catalog(catalog))
    },
    patch(req, res) {
      const id = numberOf(req, 'id')
      if (!store.catalogs.get(id)) throw notFound(req)
      const changed = store.write(() => {
        const { before, sent } = checkOne(req.body, (item, report) => checkChangedCatalog(store, id, item, report))
        return changeCatalog(store, before, sent, authorOf(context, res))
      })
      sendHal(res, presenterFor(context, req).catalog(changed))
    },
  })
}

/** The id of the list that a path goes through; without that list there is nothing below it. */
export function requireCatalog(store: Store, req: Request): number {
  const id = numberOf(req, 'catalogId')
  if (!store.catalogs.get(id)) throw notFound(req)
  return id
}
