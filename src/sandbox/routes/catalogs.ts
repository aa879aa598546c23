import type { Router } from 'express'
import { type Context, presenterFor, queryOf } from '../context.ts'
import { sendFound, sendPage } from '../hal.ts'
import { at, inOrder, listOf } from '../query.ts'
import { numberOf, resource } from './resource.ts'

export function catalogRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/catalogs', {
    get(req, res) {
      const types = listOf(at(queryOf(req), 'type'))
      const wanted = store.catalogs.all().filter(({ type }) => types.length === 0 || types.includes(type))
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
