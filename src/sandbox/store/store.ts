import { type Collection, createCollection } from './collection.ts'
import type {
  Account,
  Catalog,
  Code,
  Company,
  Contact,
  Element,
  Field,
  Lead,
  Link,
  Note,
  Pipeline,
  Tag,
  Token,
  Unsorted,
  User,
} from './entities.ts'
import type { FieldGroup, LossReason } from './setup-entities.ts'
import { type Change, openStateFile } from './state-file.ts'

export type Store = ReturnType<typeof createStore>

interface Named {
  id: string
  value: unknown
}

/** All state of the sandbox. Records are never changed in place: `put` takes a new one. */
export function createStore(path?: string) {
  const file = path === undefined ? undefined : openStateFile(path)
  let pending: { change: Change; undo: () => void }[] | undefined

  const collections = createCollections(onChange)
  const business: Collection<never>[] = Object.values(collections.business).map((each) => each as Collection<never>)
  const access: Collection<never>[] = Object.values(collections.access).map((each) => each as Collection<never>)

  return { ...collections.business, ...collections.access, load, write, reset }

  /** Reads the state file and writes it anew without what has been overwritten since. */
  function load() {
    if (!file) return
    restore(file.load())
    file.replace(everything())
  }

  /** Does all of `work` or, when it throws, nothing of it. */
  function write<R>(work: () => R): R {
    if (pending) return work()
    const changes: { change: Change; undo: () => void }[] = []
    pending = changes
    try {
      const result = work()
      if (changes.length > 0) file?.append(changes.map(({ change }) => change))
      return result
    } catch (error) {
      for (const { undo } of changes.reverse()) undo()
      throw error
    } finally {
      pending = undefined
    }
  }

  /**
   * Empties the account and has `plant` fill it anew; when that throws, everything is as before.
   * Tokens stay: whoever is connected remains connected.
   */
  function reset(plant: () => void) {
    const before = everything()
    for (const each of business) each.clear()
    try {
      plant()
    } catch (error) {
      for (const each of business) each.clear()
      restore(before)
      throw error
    } finally {
      file?.replace(everything())
    }
  }

  function restore(changes: Change[]) {
    const kinds = new Map([...business, ...access].map((each) => [each.kind, each]))
    for (const [kind, id, record] of changes) kinds.get(kind)?.restore(id as never, record as never)
  }

  function onChange(change: Change, undo: () => void) {
    if (pending) pending.push({ change, undo })
    else file?.append([change])
  }

  function everything(): Change[] {
    return [...business, ...access].flatMap((each) => [
      ...goneOf(each),
      ...each.all().map((record: { id: number | string }): Change => [each.kind, record.id, record]),
    ])
  }
}

function goneOf({ kind, goneId }: Collection<never>): Change[] {
  const id = goneId()
  return id === undefined ? [] : [[kind, id, null]]
}

type OnChange = (change: Change, undo: () => void) => void

function createCollections(onChange: OnChange) {
  return {
    business: {
      accounts: createCollection<Account>({ kind: 'accounts', onChange }),
      users: createCollection<User>({ kind: 'users', onChange }),
      pipelines: createCollection<Pipeline>({ kind: 'pipelines', onChange }),
      fields: createCollection<Field>({ kind: 'fields', firstId: 685801, keys: fieldKeys, onChange }),
      groups: createCollection<FieldGroup>({ kind: 'groups', onChange }),
      loss_reasons: createCollection<LossReason>({ kind: 'loss_reasons', onChange }),
      contacts: createCollection<Contact>({ kind: 'contacts', firstId: 40401635, onChange }),
      companies: createCollection<Company>({ kind: 'companies', firstId: 19663155, onChange }),
      leads: createCollection<Lead>({ kind: 'leads', firstId: 10185151, onChange }),
      unsorted: createCollection<Unsorted>({ kind: 'unsorted', onChange }),
      catalogs: createCollection<Catalog>({ kind: 'catalogs', firstId: 4601, onChange }),
      elements: createCollection<Element>({ kind: 'elements', firstId: 525439, keys: elementKeys, onChange }),
      links: createCollection<Link>({ kind: 'links', keys: linkKeys, onChange }),
      notes: createCollection<Note>({ kind: 'notes', firstId: 76787983, keys: noteKeys, onChange }),
      tags: createCollection<Tag>({ kind: 'tags', firstId: 100667, keys: tagKeys, onChange }),
      settings: createCollection<Named>({ kind: 'settings', onChange }),
    },
    access: {
      codes: createCollection<Code>({ kind: 'codes', onChange }),
      tokens: createCollection<Token>({ kind: 'tokens', onChange }),
      keys: createCollection<Named>({ kind: 'keys', onChange }),
    },
  }
}

/** The key of the fields that one kind of entity has, or the elements of one list. */
export const fieldOwnerKey = ({ entity_type, catalog_id }: Pick<Field, 'entity_type' | 'catalog_id'>) =>
  catalog_id === null ? entity_type : `${entity_type}:${catalog_id}`

const fieldKeys = (field: Field) => [fieldOwnerKey(field)]
const elementKeys = (element: Element) => [String(element.catalog_id)]
const linkKeys = (link: Link) => [
  `from:${link.entity_type}:${link.entity_id}`,
  `to:${link.to_entity_type}:${link.to_entity_id}`,
]
const noteKeys = (note: Note) => [note.entity_type, `${note.entity_type}:${note.entity_id}`]
const tagKeys = (tag: Tag) => [tag.entity_type, `${tag.entity_type}:${tag.name.toLowerCase()}`]
