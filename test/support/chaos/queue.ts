import { openDatabase } from '../../../src/database/open.ts'
import { timeOfId } from '../../../src/inbox/message-id.ts'
import { run } from '../process.ts'

/** What is in the database about the orders, seen from outside. */
export function openQueue(env: Record<string, string> & { DATABASE_URL: string }) {
  const { db, close } = openDatabase(env.DATABASE_URL)
  const messages = () => db.selectFrom('messages')

  async function countOf(state: 'pending' | 'delivered') {
    const { count } = await messages()
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .where('state', '=', state)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  return {
    close,
    waiting: () => countOf('pending'),
    delivered: () => countOf('delivered'),
    /** Puts all that waits at the head of the queue, as a person does. */
    hurry: () => run('src/cli/parom.ts', ['redeliver', '--state', 'pending'], env).exited,
    /** Ms from the arrival of an order until the CRM had it, from the shortest to the longest. */
    async waits() {
      const rows = await messages().select(['id', 'delivered_at']).where('delivered_at', 'is not', null).execute()
      return rows.map(({ id, delivered_at }) => (delivered_at ?? 0) - timeOfId(id)).sort((a, b) => a - b)
    },
    /** When each of these processes has last read its settings, unix ms; 0: it has said nothing yet. */
    async settingsReadAt(pids: number[]) {
      const rows = await db.selectFrom('instances').select(['host', 'settings_read_at']).execute()
      return pids.map((pid) => rows.find(({ host }) => host.endsWith(`:${pid}`))?.settings_read_at ?? 0)
    },
    /** What did not come to a good end, and why. */
    async undelivered() {
      const rows = await messages()
        .select(['id', 'state', 'reason', 'error', 'attempts'])
        .where('state', '!=', 'delivered')
        .execute()
      return rows.map(({ id, state, reason, error, attempts }) => ({
        id,
        wrong: `${state} after ${attempts} attempts: ${reason} ${error}`,
      }))
    },
  }
}
