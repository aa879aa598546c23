import type { Router } from 'express'
import type { Context } from '../context.ts'
import { checkNewTag, tagNamed } from '../crm/tags.ts'
import { requestId, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendHal, sendPage } from '../http/hal.ts'
import { at, fits, inOrder, listOf, queryOf } from '../http/query.ts'
import { resource } from '../http/resource.ts'
import { entityTypes, type Tag } from '../store/entities.ts'

/** Each kind of entity has its own dictionary of tags. */
export function tagRoutes(router: Router, { store }: Context) {
  for (const type of entityTypes) {
    resource(router, `/${type}/tags`, {
      get(req, res) {
        const query = queryOf(req)
        const names = listOf(at(query, 'filter', 'name'))
        const ids = listOf(at(query, 'filter', 'id'))
        const [part = ''] = listOf(at(query, 'query'))
        const records = inOrder(query, ['id'], store.tags.under(type)).filter(
          ({ id, name }) => fits(names, name) && fits(ids, id) && name.toLowerCase().includes(part.toLowerCase()),
        )
        sendPage({ req, res, name: 'tags', records, show })
      },
      post(req, res) {
        const tags = writeBatch(store, req.body, {
          check: (item, report) => checkNewTag(type, item, report),
          write: ({ name, color, request_id }, index) => ({
            ...show(tagNamed(store, type, name, color ?? null)),
            request_id: requestId(request_id, index),
          }),
        })
        sendHal(res, { _total_items: tags.length, ...self(addressOf(req)), _embedded: { tags } })
      },
    })
  }
}

const show = ({ id, name, color }: Tag) => ({ id, name, color })
