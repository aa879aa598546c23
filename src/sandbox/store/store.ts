import type { Code, Integration, Token } from './access-entities.ts'
import { type Collection, createCollection } from './collection.ts'
import { type Committed, netChanges, type Recorded } from './commit.ts'
import type {
  Account,
  Catalog,
  Company,
  Contact,
  Element,
  Field,
  Lead,
  Link,
  Note,
  Pipeline,
  Tag,
  Task,
  Unsorted,
  User,
} from './entities.ts'
import type { AccountEvent, Delivery, Webhook } from './news-entities.ts'
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
  let pending: Recorded[] | undefined
  let announce: (changes: Committed[]) => void = () => {}

  const collections = createCollections(onChange)
  const business: Collection<never>[] = Object.values(collections.business).map((each) => each as Collection<never>)
  const access: Collection<never>[] = Object.values(collections.access).map((each) => each as Collection<never>)

  return { ...collections.business, ...collections.access, load, write, reset, beforeCommit }

  /** Reads the state file and writes it anew without what has been overwritten since. */
  function load() {
    if (!file) return
    restore(file.load())
    file.replace(everything())
  }

  /** Does all of `work` or, when it throws, nothing of it. */
  function write<R>(work: () => R): R {
    if (pending) return work()
    const changes: Recorded[] = []
    pending = changes
    try {
      const result = work()
      announce(netChanges(changes))
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

  /** `listener` is told of all that a write has done, before it is kept; what it writes is part of that write. */
  function beforeCommit(listener: (changes: Committed[]) => void) {
    announce = listener
  }

  function onChange(change: Change, undo: () => void, before: unknown) {
    if (pending) pending.push({ change, undo, before })
    else write(() => onChange(change, undo, before))
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

type OnChange = (change: Change, undo: () => void, before: unknown) => void

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
      tasks: createCollection<Task>({ kind: 'tasks', firstId: 4745251, keys: taskKeys, onChange }),
      events: createCollection<AccountEvent>({ kind: 'events', onChange }),
      webhooks: createCollection<Webhook>({ kind: 'webhooks', firstId: 1056949, onChange }),
      deliveries: createCollection<Delivery>({ kind: 'deliveries', keys: deliveryKeys, onChange }),
      settings: createCollection<Named>({ kind: 'settings', onChange }),
    },
    access: {
      integrations: createCollection<Integration>({ kind: 'integrations', onChange }),
      codes: createCollection<Code>({ kind: 'codes', keys: clientKeys, onChange }),
      tokens: createCollection<Token>({ kind: 'tokens', keys: clientKeys, onChange }),
      keys: createCollection<Named>({ kind: 'keys', onChange }),
    },
  }
}

/** The key of the fields that one kind of entity has, or the elements of one list. */
export const fieldOwnerKey = ({ entity_type, catalog_id }: Pick<Field, 'entity_type' | 'catalog_id'>) =>
  catalog_id === null ? entity_type : `${entity_type}:${catalog_id}`

const clientKeys = ({ client_id }: Code | Token) => [client_id]
const fieldKeys = (field: Field) => [fieldOwnerKey(field)]
const elementKeys = (element: Element) => [String(element.catalog_id)]
const linkKeys = (link: Link) => [
  `from:${link.entity_type}:${link.entity_id}`,
  `to:${link.to_entity_type}:${link.to_entity_id}`,
]
const noteKeys = (note: Note) => [note.entity_type, `${note.entity_type}:${note.entity_id}`]
const tagKeys = (tag: Tag) => [tag.entity_type, `${tag.entity_type}:${tag.name.toLowerCase()}`]
const taskKeys = (task: Task) => [`${task.entity_type}:${task.entity_id}`]
const deliveryKeys = (delivery: Delivery) => [
  `webhook:${delivery.webhook_id}`,
  ...(delivery.state === 'waiting' ? ['waiting'] : []),
]
