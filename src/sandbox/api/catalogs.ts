import type { Request, Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import { sendFound, sendPage } from '../http/hal.ts'
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
  })

  resource(router, '/catalogs/:id', {
    get(req, res) {
      const catalog = store.catalogs.get(numberOf(req, 'id'))
      sendFound(res, catalog && presenterFor(context, req).catalog(catalog))
    },
  })
}

/** The id of the list that a path goes through; without that list there is nothing below it. */
export function requireCatalog(store: Store, req: Request): number {
  const id = numberOf(req, 'catalogId')
  if (!store.catalogs.get(id)) throw notFound(req)
  return id
}
