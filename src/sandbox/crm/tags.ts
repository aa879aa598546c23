import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { EntityType, Tag } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

export const tagsShape = z.array(
  z.strictObject({ id: z.int().optional(), name: z.string().optional(), color: z.string().nullish() }),
)

interface NewTag {
  name: string
  color?: string | null | undefined
  request_id?: string | number | undefined
}

const tagShape: z.ZodType<NewTag> = z.strictObject({ name: z.string().min(1), request_id: requestIdShape })
const leadTagShape: z.ZodType<NewTag> = z.strictObject({
  name: z.string().min(1),
  color: z.string().nullish(),
  request_id: requestIdShape,
})

type SentTags = z.infer<typeof tagsShape>

/** Tags named by a name are created when they are saved; those named by an id have to be there. */
export function checkTags(store: Store, entityType: EntityType, tags: SentTags, path: string, report: Report) {
  for (const [index, tag] of tags.entries()) {
    if (tag.id !== undefined) {
      if (store.tags.get(tag.id)?.entity_type !== entityType) report('NotSupportedChoice', `${path}.${index}.id`)
    } else if (tag.name === undefined || tag.name === '') {
      report('FieldMissing', `${path}.${index}.name`)
    }
  }
}

/** A tag for the dictionary; only those of leads have a colour, six hexadecimal digits. */
export function checkNewTag(entityType: EntityType, item: unknown, report: Report) {
  const sent = readShape(entityType === 'leads' ? leadTagShape : tagShape, item, report)
  if (sent?.color && !/^[0-9a-f]{6}$/i.test(sent.color)) report('NotSupportedChoice', 'color')
  return sent
}

/** The ids of the tags, made where they are new. Each kind of entity has its own dictionary. */
export function saveTags(store: Store, entityType: EntityType, tags: SentTags): number[] {
  return tags.map((tag) => tag.id ?? tagNamed(store, entityType, tag.name ?? '').id)
}

/** Those of the tags that exist, by id. */
export function findTags(store: Store, entityType: EntityType, tags: SentTags): number[] {
  return tags.flatMap((tag) => tag.id ?? existing(store, entityType, tag.name ?? '')?.id ?? [])
}

export function showTags(store: Store, ids: number[]) {
  return ids.flatMap((id) => {
    const tag = store.tags.get(id)
    return tag ? [{ id, name: tag.name, color: tag.color }] : []
  })
}

/** A tag of the dictionary, made unless there is one of that name. */
export function tagNamed(store: Store, entityType: EntityType, name: string, color: string | null = null): Tag {
  return (
    existing(store, entityType, name) ??
    store.tags.put({ id: store.tags.nextId(), entity_type: entityType, name, color })
  )
}

function existing(store: Store, entityType: EntityType, name: string) {
  return store.tags.under(`${entityType}:${name.toLowerCase()}`)[0]
}
