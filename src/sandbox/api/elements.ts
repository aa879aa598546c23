import type { Request, Router } from 'express'
import { authorOf, type Context, indexed, presenterFor } from '../context.ts'
import { changeElement, checkChangedElement, checkNewElement, createElement } from '../crm/elements.ts'
import { checkOne, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { search } from '../search/full-text.ts'
import type { Element } from '../store/entities.ts'
import { isThere, live } from '../store/live.ts'
import { requireCatalog } from './catalogs.ts'

export function elementRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/catalogs/:catalogId/elements', {
    get(req, res) {
      const records = elements(req)
      sendPage({ req, res, name: 'elements', records, show: (element) => show(req, element) })
    },
    post(req, res) {
      const catalogId = requireCatalog(store, req)
      const created = writeBatch(store, req.body, {
        check: (item, report) => checkNewElement(store, catalogId, item, report),
        write: (draft, index) => ({
          ...show(req, createElement(store, catalogId, draft, authorOf(context, res))),
          // A number here, unlike everywhere else.
          request_id: draft.sent.request_id ?? index,
          invoice_link: null,
        }),
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { elements: created } })
    },
    patch(req, res) {
      const catalogId = requireCatalog(store, req)
      const changed = writeBatch(store, req.body, {
        check: (item, report) => checkChangedElement(store, catalogId, undefined, item, report),
        write: ({ before, draft }) => ({
          ...show(req, changeElement(store, before, draft, authorOf(context, res))),
          // And here it is the id.
          request_id: draft.sent.request_id ?? before.id,
          invoice_link: null,
        }),
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { elements: changed } })
    },
  })

  resource(router, '/catalogs/:catalogId/elements/:id', {
    get(req, res) {
      const element = elementOf(req)
      sendFound(res, element && show(req, element))
    },
    patch(req, res) {
      const id = numberOf(req, 'id')
      const catalogId = requireCatalog(store, req)
      if (store.elements.get(id)?.catalog_id !== catalogId) throw notFound(req)
      const changed = store.write(() => {
        const check = checkOne(req.body, (item, report) => checkChangedElement(store, catalogId, id, item, report))
        return changeElement(store, check.before, check.draft, authorOf(context, res))
      })
      sendHal(res, { ...show(req, changed), request_id: id, invoice_link: null })
    },
  })

  function elementOf(req: Request) {
    const catalogId = requireCatalog(store, req)
    const element = live(store, 'elements', numberOf(req, 'id'))
    return element?.catalog_id === catalogId ? element : undefined
  }

  function show(req: Request, element: Element) {
    return presenterFor(context, req).element(element, withOf(queryOf(req)))
  }

  function elements(req: Request) {
    const query = queryOf(req)
    const all = store.elements.under(String(requireCatalog(store, req))).filter(isThere)
    // The official SDK sends the ids without `filter`.
    const ids = [...listOf(at(query, 'filter', 'id')), ...listOf(at(query, 'id'))]
    const wanted = all.filter(({ id }) => fits(ids, id))
    const [text = ''] = listOf(at(query, 'query'))
    return inOrder(query, ['id'], text === '' ? wanted : search(store, wanted, text, indexed(context)))
  }
}
