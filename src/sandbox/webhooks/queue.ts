import qs from 'qs'
import type { Clock } from '../control/clock.ts'
import type { SettingsBox } from '../control/settings.ts'
import type { AccountChange } from '../crm/changes.ts'
import { accountOf } from '../present/present.ts'
import type { Webhook } from '../store/news-entities.ts'
import type { Store } from '../store/store.ts'
import { createNotices, type Notice } from './notices.ts'
import { stageNotice } from './stage-notice.ts'

/** Puts the requests that a write calls for among the deliveries, as a part of that write. */
export function createQueue(store: Store, clock: Clock, settings: SettingsBox) {
  const notices = createNotices(store, settings)
  return { add }

  function add(changes: AccountChange[]) {
    const { digital_pipeline_url: trigger } = settings.get()
    if (trigger !== null) for (const notice of changes.flatMap(stageNotice)) putTrigger(trigger, notice)
    const webhooks = store.webhooks.all().filter(({ disabled }) => !disabled)
    if (webhooks.length === 0) return
    const told = changes.flatMap(notices.of)
    for (const webhook of webhooks.toSorted((a, b) => a.sort - b.sort)) {
      const wanted = told.filter(({ codes }) => codes.some((code) => webhook.settings.includes(code)))
      for (const part of partsOf(wanted, settings.get().webhook_items_per_request)) put(webhook, part)
    }
  }

  function putTrigger(destination: string, notice: Notice) {
    putOne({ id: null, destination, settings: notice.codes }, [notice], false)
  }

  function put(webhook: Webhook, part: Notice[]) {
    const { webhook_lost, webhook_duplicate } = settings.get()
    const isLost = Math.random() < webhook_lost
    const copies = Math.random() < webhook_duplicate ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) putOne(webhook, part, isLost)
  }

  function putOne({ id: webhook_id, destination, settings: codes }: Addressee, part: Notice[], isLost: boolean) {
    const created_ms = clock.ms()
    store.deliveries.put({
      id: store.deliveries.nextId(),
      webhook_id,
      destination,
      events: [...new Set(part.flatMap((notice) => notice.codes.filter((code) => codes.includes(code))))],
      body: bodyOf(part),
      created_ms,
      state: isLost ? 'lost' : 'waiting',
      next_attempt_ms: isLost ? null : created_ms + settings.get().webhook_late_ms,
      attempts: [],
    })
  }

  function bodyOf(part: Notice[]): string {
    const entities: Record<string, Record<string, object[]>> = {}
    for (const { entity, action, item } of part) {
      const actions = entities[entity] ?? {}
      entities[entity] = { ...actions, [action]: [...(actions[action] ?? []), item] }
    }
    const { id, subdomain } = accountOf(store)
    const account = { subdomain, id, _links: { self: `https://${subdomain}.amocrm.ru` } }
    // As PHP writes it: spaces are pluses, and what is null is not there.
    return qs.stringify({ ...entities, account }, { format: 'RFC1738', skipNulls: true })
  }
}

interface Addressee extends Pick<Webhook, 'destination' | 'settings'> {
  id: number | null
}

function partsOf<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
