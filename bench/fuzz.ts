import { attack } from '../test/support/fuzz/attack.ts'
import { onEachDatabase } from './databases.ts'

const requests = Number(process.env['FUZZ_REQUESTS'] ?? 100_000)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 100_000)
const mebibyte = 1024 ** 2
/** Bytes that the server may grow by in the second half: it takes some ten thousand requests until it keeps its size. */
const mostGrowth = 40 * mebibyte

/** Whether malformed requests bring the server to fall, to fail or to grow; half of them on each database. */
export async function benchFuzz() {
  console.log(`FUZZ_SEED=${seed}: ${requests} malformed requests, half of them on each database`)
  await onEachDatabase(async ({ name, fresh }) => {
    const { faults, statuses, memory } = await attack({ databaseUrl: await fresh(), requests: requests / 2, seed })
    console.log(`Parom on ${name}: how often each kind was answered how; 0: the connection was closed instead`)
    console.table(Object.fromEntries([...statuses].map(([kind, counts]) => [kind, Object.fromEntries(counts)])))
    const inMebibytes = (bytes: number) => Math.round(bytes / mebibyte)
    console.log(`MiB of memory after each tenth: ${memory.map(inMebibytes).join(', ')}`)
    const growth = (memory.at(-1) ?? 0) - (memory[4] ?? 0)
    if (growth > mostGrowth) faults.push(`the server grew by ${inMebibytes(growth)} MiB in the second half`)
    for (const fault of faults) console.log(fault)
    console.log(faults.length === 0 ? 'No harm done.' : `Harm done; again: FUZZ_SEED=${seed}`)
    if (faults.length > 0) process.exitCode = 1
  })
}
