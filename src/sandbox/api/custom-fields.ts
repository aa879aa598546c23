import type { Request, Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import { checkNewField, createField, type FieldOwner, fieldsOf } from '../fields/fields.ts'
import { checkBatch, requestId } from '../http/batch.ts'
import { sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { entityTypes } from '../store/entities.ts'
import { requireCatalog } from './catalogs.ts'

export function fieldRoutes(router: Router, context: Context) {
  const { store } = context
  for (const entity_type of entityTypes) serve(`/${entity_type}`, () => ({ entity_type, catalog_id: null }))
  serve('/catalogs/:catalogId', (req) => ({ entity_type: 'catalogs', catalog_id: requireCatalog(store, req) }))

  function serve(place: string, ownerOf: (req: Request) => FieldOwner) {
    resource(router, `${place}/custom_fields`, {
      get(req, res) {
        const query = queryOf(req)
        const types = listOf(at(query, 'filter', 'type'))
        const wanted = fieldsOf(store, ownerOf(req)).filter(({ type }) => fits(types, type))
        const records = inOrder(query, ['sort', 'id'], wanted)
        const show = presenterFor(context, req).field
        sendPage({ req, res, name: 'custom_fields', records, show, counted: 'items and pages' })
      },
      post(req, res) {
        const owner = ownerOf(req)
        const created = store.write(() =>
          checkBatch(req.body, (item, report) => checkNewField(store, owner, item, report)).map((sent, index) => ({
            ...presenterFor(context, req).field(createField(store, owner, sent)),
            request_id: requestId(sent.request_id, index),
          })),
        )
        sendHal(res, { _total_items: created.length, _embedded: { custom_fields: created } }, 201)
      },
    })

    resource(router, `${place}/custom_fields/:id`, {
      get(req, res) {
        const field = fieldsOf(store, ownerOf(req)).find(({ id }) => id === numberOf(req, 'id'))
        if (!field) throw notFound(req)
        sendHal(res, presenterFor(context, req).field(field))
      },
    })
  }
}
