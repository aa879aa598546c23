import { openDatabase } from '../../../src/database/open.ts'
import { run } from '../process.ts'

/** What is in the database about the orders, seen from outside. */
export function openQueue(env: Record<string, string> & { DATABASE_URL: string }) {
  const { db, close } = openDatabase(env.DATABASE_URL)
  const messages = () => db.selectFrom('messages')

  async function idsOf(state: 'pending' | 'delivered') {
    const rows = await messages().select('id').where('state', '=', state).execute()
    return rows.map(({ id }) => id)
  }

  return {
    close,
    waiting: async () => (await idsOf('pending')).length,
    delivered: async () => (await idsOf('delivered')).length,
    /** Puts all that waits at the head of the queue, as a person does. */
    hurry: () => run('src/cli/parom.ts', ['redeliver', '--state', 'pending'], env).exited,
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
