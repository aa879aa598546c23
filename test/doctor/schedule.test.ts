import { expect, it } from 'vitest'
import type { Report } from '../../src/doctor/doctor.ts'
import { scheduleCheckups } from '../../src/doctor/schedule.ts'

const minute = 60_000
const noon = new Date(2026, 6, 4, 12).getTime()
const nextNight = (minutes: number) => new Date(2026, 6, 5, 4, minutes).getTime()

/** At noon, on a machine whose minute of the night is 04:30. */
function schedule() {
  const state = { now: noon, isReady: true, isReachable: true, others: null as number | null, begun: [] as number[] }
  const run = async (): Promise<Report> => {
    state.begun.push(state.now)
    return { foundAt: state.now, isReachable: state.isReachable, findings: [] }
  }
  const checkups = {
    run,
    runUnlessSince: async (since: number) => (state.others !== null && state.others > since ? null : run()),
  }
  const isReady = async () => state.isReady
  const checkIfDue = scheduleCheckups({ checkups, isReady, now: () => state.now, random: () => 0.5 })
  return {
    state,
    /** When checks have begun until then, if it is looked then. */
    async begunAt(time: number) {
      state.now = time
      await checkIfDue()
      return state.begun
    },
  }
}

it('checks at the start and then at night, once', async () => {
  const { begunAt } = schedule()
  expect(await begunAt(noon)).toEqual([noon])
  expect(await begunAt(nextNight(29))).toEqual([noon])
  expect(await begunAt(nextNight(30))).toEqual([noon, nextNight(30)])
  expect(await begunAt(nextNight(55))).toHaveLength(2)
})

it('waits for an account that lets us in', async () => {
  const { state, begunAt } = schedule()
  state.isReady = false
  expect(await begunAt(noon)).toEqual([])
  state.isReady = true
  expect(await begunAt(noon + minute)).toEqual([noon + minute])
})

it('tries again soon when the account could not be asked', async () => {
  const { state, begunAt } = schedule()
  state.isReachable = false
  await begunAt(noon)
  expect(await begunAt(noon + 9 * minute)).toHaveLength(1)
  state.isReachable = true
  expect(await begunAt(noon + 10 * minute)).toHaveLength(2)
  expect(await begunAt(noon + 30 * minute)).toHaveLength(2)
})

it('leaves the night to another process that was earlier', async () => {
  const { state, begunAt } = schedule()
  await begunAt(noon)
  state.others = nextNight(10)
  expect(await begunAt(nextNight(30))).toEqual([noon])
})
