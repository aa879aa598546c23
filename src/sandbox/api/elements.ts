import type { Request, Router } from 'express'
import { authorOf, type Context, indexedUntil, presenterFor } from '../context.ts'
import { checkNewElement, createElement } from '../crm/elements.ts'
import { checkBatch } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { at, fits, inOrder, listOf, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { search } from '../http/search.ts'
import { requireCatalog } from './catalogs.ts'

export function elementRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/catalogs/:catalogId/elements', {
    get(req, res) {
      const show = presenterFor(context, req).element
      sendPage({ req, res, name: 'elements', records: elements(req), show })
    },
    post(req, res) {
      const catalogId = requireCatalog(store, req)
      const { element } = presenterFor(context, req)
      const created = store.write(() =>
        checkBatch(req.body, (item, report) => checkNewElement(store, catalogId, item, report)).map((draft, index) => ({
          ...element(createElement(store, catalogId, draft, authorOf(context, res))),
          // A number here, unlike everywhere else.
          request_id: draft.sent.request_id ?? index,
          invoice_link: null,
        })),
      )
      sendHal(res, { ...self(addressOf(req)), _embedded: { elements: created } })
    },
  })

  resource(router, '/catalogs/:catalogId/elements/:id', {
    get(req, res) {
      const element = store.elements.get(numberOf(req, 'id'))
      const isHere = element?.catalog_id === requireCatalog(store, req)
      sendFound(res, element && isHere ? presenterFor(context, req).element(element) : undefined)
    },
  })

  function elements(req: Request) {
    const query = queryOf(req)
    const all = store.elements.under(String(requireCatalog(store, req)))
    // The official SDK sends the ids without `filter`.
    const ids = [...listOf(at(query, 'filter', 'id')), ...listOf(at(query, 'id'))]
    const wanted = all.filter(({ id }) => fits(ids, id))
    const [text = ''] = listOf(at(query, 'query'))
    return inOrder(query, ['id'], text === '' ? wanted : search(store, wanted, text, indexedUntil(context)))
  }
}
