import type { Router } from 'express'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { setDeleted, trashable } from '../crm/trash.ts'
import { firstAdmin } from '../crm/users.ts'
import { Problem } from '../http/problems.ts'
import { resource } from '../http/resource.ts'
import { isThere } from '../store/live.ts'

const shape = z.strictObject({ entity: z.enum(trashable), id: z.int() })

/** What a person does in the interface and the API cannot: deleting records and bringing them back. */
export function trashRoutes(router: Router, { store, clock }: Context) {
  for (const is_deleted of [true, false]) {
    resource(router, is_deleted ? '/delete' : '/restore', {
      post(req, res) {
        const { entity, id } = read(req.body)
        const record = store[entity].get(id)
        if (!record || isThere(record) !== is_deleted)
          throw new Problem(404, { detail: `id: no ${entity} ${id} to be found here` })
        store.write(() => setDeleted(store, entity, id, is_deleted, { userId: firstAdmin(store).id, clock }))
        res.json({ entity, id, is_deleted })
      },
    })
  }
}

function read(body: unknown) {
  const parsed = shape.safeParse(body)
  if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
  return parsed.data
}
