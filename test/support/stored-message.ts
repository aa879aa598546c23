import type { Insertable } from 'kysely'
import type { Tables } from '../../src/database/tables.ts'

type Message = Insertable<Tables['messages']>

/** A row of `messages`, due now. */
export function storedMessage(id: string, fields: Partial<Message>): Message {
  return {
    ...{ id, account: 'a', source: 's', received_at: 1_800_000_000_000, dedupe_key: id, content_type: 't' },
    ...{ headers: '{}', body: Buffer.from('Щедрый 🙏'), state: 'pending', next_attempt_at: 0 },
    ...fields,
  }
}
