import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Item } from './items.ts'
import { digestOf } from './keys.ts'

/** How many contacts a list has, how many of them are partners', and the ids of partners that several have. */
export async function countPartners(db: Kysely<Tables>, listId: number) {
  const { contacts } = await db
    .selectFrom('mirror_items')
    .select(({ fn }) => fn.countAll<number>().as('contacts'))
    .where('list_id', '=', listId)
    .where('data', 'is not', null)
    .executeTakeFirstOrThrow()
  const ofPartners = db.selectFrom('mirror_keys').where('list_id', '=', listId).where('kind', '=', 'partner')
  const { withPartner } = await ofPartners
    .select(({ fn }) => fn.count<number>('id').distinct().as('withPartner'))
    .executeTakeFirstOrThrow()
  const shared = await ofPartners
    .select('digest')
    .groupBy('digest')
    .having(({ fn }) => fn.countAll(), '>', 1)
    .execute()
  const duplicatePartners = []
  for (const { digest } of shared) duplicatePartners.push(await sharedBy(db, listId, digest))
  return { contacts: Number(contacts), withPartner: Number(withPartner), duplicatePartners }
}

async function sharedBy(db: Kysely<Tables>, listId: number, digest: string) {
  const withKey = db.selectFrom('mirror_keys').select('id').where('list_id', '=', listId).where('digest', '=', digest)
  const rows = await db
    .selectFrom('mirror_items')
    .select(['id', 'data'])
    .where('list_id', '=', listId)
    .where('id', 'in', withKey)
    .orderBy('id')
    .execute()
  const { keys } = JSON.parse(rows[0]?.data ?? '{"keys":[]}') as Pick<Item, 'keys'>
  const partnerId = keys.find((key) => digestOf(key) === digest)?.value ?? ''
  return { partnerId, ids: rows.map(({ id }) => id) }
}
