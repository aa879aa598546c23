import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { FieldGroup } from '../store/setup-entities.ts'
import type { Store } from '../store/store.ts'
import { type FieldOwner, fieldsOf } from './fields.ts'

const groupShape = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1).optional(),
  sort: z.int().optional(),
  fields: z.array(z.int()).nullish(),
  request_id: requestIdShape,
})

type SentGroup = z.infer<typeof groupShape>

export const groupsOf = (store: Store, { entity_type, catalog_id }: FieldOwner) =>
  store.groups.all().filter((group) => group.entity_type === entity_type && group.catalog_id === catalog_id)

export function checkGroup(store: Store, owner: FieldOwner, item: unknown, report: Report, before?: FieldGroup) {
  const sent = readShape(groupShape, item, report)
  if (!sent) return undefined
  if (!before && sent.name === undefined) report('FieldMissing', 'name')
  const ids = new Set(fieldsOf(store, owner).map(({ id }) => id))
  for (const [index, id] of (sent.fields ?? []).entries()) {
    if (!ids.has(id)) report('NotSupportedChoice', `fields.${index}`)
  }
  return sent
}

export function saveGroup(store: Store, owner: FieldOwner, sent: SentGroup, before?: FieldGroup): FieldGroup {
  const group = store.groups.put({
    id: before?.id ?? `${owner.entity_type}_${randomInt(1e13, 1e14)}`,
    ...owner,
    name: sent.name ?? before?.name ?? '',
    sort: sent.sort ?? before?.sort ?? groupsOf(store, owner).length + 1,
  })
  if (sent.fields) setMembers(store, owner, group.id, sent.fields)
  return group
}

/** The fields of a deleted group stay, in no group. */
export function removeGroup(store: Store, owner: FieldOwner, { id }: FieldGroup) {
  setMembers(store, owner, id, [])
  store.groups.remove(id)
}

function setMembers(store: Store, owner: FieldOwner, groupId: string, wanted: number[]) {
  for (const field of fieldsOf(store, owner)) {
    const isWanted = wanted.includes(field.id)
    if (isWanted === (field.more?.group_id === groupId)) continue
    store.fields.put({ ...field, more: { ...field.more, group_id: isWanted ? groupId : null } })
  }
}
