import { pino } from 'pino'
import { expect, it } from 'vitest'
import { quietInOutage } from '../src/quiet-log.ts'

it('a database that is out of reach is told of at once, and then once a minute with how often it was', () => {
  const lines: { msg: string; count?: number }[] = []
  const clock = { ms: 1_000_000 }
  const log = quietInOutage(
    pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    () => clock.ms,
  )
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  for (let second = 0; second < 120; second++) {
    for (let times = 0; times < 4; times++) log.error({ err: refused }, 'the delivery is disturbed')
    log.warn({ err: new Error('a fault of our own') }, 'the runs are disturbed')
    clock.ms += 1000
  }
  const told = lines.filter(({ msg }) => msg === 'the delivery is disturbed')
  expect(told.map(({ count }) => count)).toEqual([undefined, 240])
  expect(lines).toHaveLength(2 + 120)
  log.info({ ready: true }, 'everything else as ever')
  expect(lines.at(-1)).toMatchObject({ ready: true, msg: 'everything else as ever' })
})
