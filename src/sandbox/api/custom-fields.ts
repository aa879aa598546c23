import type { Request, Response, Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import {
  changeField,
  checkChangedField,
  checkNewField,
  createField,
  type FieldOwner,
  fieldsOf,
} from '../fields/fields.ts'
import { checkOne, requestId, requestIdIfSent, writeBatch } from '../http/batch.ts'
import { sendHal, sendNothing, sendPage } from '../http/hal.ts'
import { notFound, refused } from '../http/problems.ts'
import { at, fits, inOrder, listOf, queryOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { entityTypes, type Field } from '../store/entities.ts'
import { requireCatalog } from './catalogs.ts'
import { groupRoutes } from './field-groups.ts'
import { adminsOnly } from './rights.ts'

export function fieldRoutes(router: Router, context: Context) {
  const { store } = context
  for (const entity_type of entityTypes) serve(`/${entity_type}`, () => ({ entity_type, catalog_id: null }))
  serve('/catalogs/:catalogId', (req) => ({ entity_type: 'catalogs', catalog_id: requireCatalog(store, req) }))

  function serve(place: string, ownerOf: (req: Request) => FieldOwner) {
    groupRoutes(router, context, `${place}/custom_fields/groups`, ownerOf)

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
        adminsOnly(context, res)
        const owner = ownerOf(req)
        const created = writeBatch(store, req.body, {
          check: (item, report) => checkNewField(store, owner, item, report),
          write: (sent, index) => ({
            ...presenterFor(context, req).field(createField(store, owner, sent)),
            request_id: requestId(sent.request_id, index),
          }),
        })
        sendAll(res, created, 201)
      },
      patch(req, res) {
        adminsOnly(context, res)
        const owner = ownerOf(req)
        const changed = writeBatch(store, req.body, {
          check: (item, report) => checkChangedField(store, owner, undefined, item, report),
          write: ({ before, sent }) => ({
            ...presenterFor(context, req).field(changeField(store, before, sent)),
            ...requestIdIfSent(sent.request_id),
          }),
        })
        sendAll(res, changed)
      },
    })

    resource(router, `${place}/custom_fields/:id`, {
      get: (req, res) => sendHal(res, presenterFor(context, req).field(requireField(req, ownerOf(req)))),
      patch(req, res) {
        adminsOnly(context, res)
        const owner = ownerOf(req)
        const { id } = requireField(req, owner)
        const changed = store.write(() => {
          const { before, sent } = checkOne(req.body, (item, report) =>
            checkChangedField(store, owner, id, item, report),
          )
          return changeField(store, before, sent)
        })
        sendHal(res, presenterFor(context, req).field(changed))
      },
      delete(req, res) {
        adminsOnly(context, res)
        const field = requireField(req, ownerOf(req))
        if (field.is_predefined) throw refused('A predefined field can not be deleted')
        store.fields.remove(field.id)
        sendNothing(res)
      },
    })
  }

  function requireField(req: Request, owner: FieldOwner): Field {
    const field = fieldsOf(store, owner).find(({ id }) => id === numberOf(req, 'id'))
    if (!field) throw notFound(req)
    return field
  }
}

function sendAll(res: Response, custom_fields: unknown[], status = 200) {
  sendHal(res, { _total_items: custom_fields.length, _embedded: { custom_fields } }, status)
}
