import type { Request, Router } from 'express'
import { type Context, presenterFor } from '../context.ts'
import { checkGroup, groupsOf, removeGroup, saveGroup } from '../fields/field-groups.ts'
import type { FieldOwner } from '../fields/fields.ts'
import { checkOne, requestId, writeBatch } from '../http/batch.ts'
import { sendHal, sendNothing } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { resource } from '../http/resource.ts'
import { adminsOnly } from './rights.ts'

/** The groups that fields stand in on a card. */
export function groupRoutes(router: Router, context: Context, place: string, ownerOf: (req: Request) => FieldOwner) {
  const { store } = context

  resource(router, place, {
    get(req, res) {
      const shown = groupsOf(store, ownerOf(req)).map(presenterFor(context, req).fieldGroup)
      if (shown.length === 0) sendNothing(res)
      else sendHal(res, { _total_items: shown.length, _embedded: { custom_field_groups: shown } })
    },
    post(req, res) {
      adminsOnly(context, res)
      const owner = ownerOf(req)
      const created = writeBatch(store, req.body, {
        check: (item, report) => checkGroup(store, owner, item, report),
        write: (sent, index) => ({
          ...presenterFor(context, req).fieldGroup(saveGroup(store, owner, sent)),
          request_id: requestId(sent.request_id, index),
        }),
      })
      sendHal(res, { _total_items: created.length, _embedded: { custom_field_groups: created } })
    },
  })

  resource(router, `${place}/:groupId`, {
    get: (req, res) => sendHal(res, presenterFor(context, req).fieldGroup(requireGroup(req))),
    patch(req, res) {
      adminsOnly(context, res)
      const before = requireGroup(req)
      const owner = ownerOf(req)
      const changed = store.write(() => {
        const sent = checkOne(req.body, (item, report) => checkGroup(store, owner, item, report, before))
        return saveGroup(store, owner, sent, before)
      })
      sendHal(res, presenterFor(context, req).fieldGroup(changed))
    },
    delete(req, res) {
      adminsOnly(context, res)
      const group = requireGroup(req)
      store.write(() => removeGroup(store, ownerOf(req), group))
      sendNothing(res)
    },
  })

  function requireGroup(req: Request) {
    const group = groupsOf(store, ownerOf(req)).find(({ id }) => id === req.params['groupId'])
    if (!group) throw notFound(req)
    return group
  }
}
