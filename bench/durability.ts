import { killUnderLoad } from '../test/support/kills.ts'
import { onEachDatabase } from './databases.ts'

const rounds = Number(process.env['DURABILITY_ROUNDS'] ?? 20)
const seed = Number(process.env['DURABILITY_SEED'] ?? Date.now() % 100_000)

/** Whether each order that was answered with 200 is there after the server was killed under full load. */
export async function benchDurability() {
  console.log(`DURABILITY_SEED=${seed}: ${rounds} kills at full speed on each database`)
  const rows: object[] = []
  await onEachDatabase(async ({ name, fresh }) => {
    const { acknowledged, missing, altered, twice, storedUnheard, unacknowledged, sentTwice, refused } =
      await killUnderLoad({ databaseUrl: await fresh(), rounds, seed })
    rows.push({
      database: name,
      kills: rounds,
      acknowledged,
      missing: missing.length,
      'other bytes': altered.length,
      'kept twice': twice.length,
      'sent twice': sentTwice,
      'stored, answer lost': storedUnheard,
      'never acknowledged': unacknowledged,
      refused,
    })
    if (missing.length + altered.length + twice.length > 0) process.exitCode = 1
  })
  console.table(rows)
}
