import { restartUnderLoad } from '../test/support/restarts.ts'
import { onEachDatabase } from './databases.ts'
import { quantile } from './quantiles.ts'

const perSecond = Number(process.env['RESTART_PER_SECOND'] ?? 50)
const rounds = Number(process.env['RESTART_ROUNDS'] ?? 10)

/** Two processes behind nginx are restarted in turn under a steady stream, every fourth by a kill -9: what senders see of it, and what is stored. */
export async function benchRestart() {
  console.log(`\nRestarts behind nginx: ${perSecond} orders/s, each of two processes ${rounds} times`)
  await onEachDatabase(async ({ name, fresh }) => {
    const signals: NodeJS.Signals[] = Array.from({ length: 2 * rounds }, (_, index) =>
      index % 4 === 3 ? 'SIGKILL' : 'SIGTERM',
    )
    const stops: number[] = []
    const starts: number[] = []
    const { answers, exitCodes, verdict } = await restartUnderLoad({
      ...{ databaseUrl: await fresh(), perSecond, signals, pauseMs: 500 },
      restarted: (stopMs, startMs) => {
        stops.push(stopMs)
        starts.push(startMs)
      },
    })
    const others = answers.filter(({ status }) => status !== 200)
    const latencies = answers.map(({ ms }) => ms)
    const ms = (values: number[], share: number) => `${Math.round(quantile(values, share))} ms`
    console.log(
      [
        `${name}: ${answers.length} orders, ${others.length} not answered with 200`,
        `  answered in ${ms(latencies, 0.5)} (median), ${ms(latencies, 0.99)} (99 %), ${ms(latencies, 1)} (slowest)`,
        `  stopped in ${ms(stops, 0.5)}, at most ${ms(stops, 1)}; ready again in ${ms(starts, 0.5)}, at most ${ms(starts, 1)}`,
        `  lost ${verdict.missing.length}, doubled ${verdict.twice.length}, altered ${verdict.altered.length}; exit codes ${[...new Set(exitCodes)]}`,
      ].join('\n'),
    )
    if (others.length + verdict.missing.length + verdict.twice.length + verdict.altered.length > 0) process.exitCode = 1
  })
}
