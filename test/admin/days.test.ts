import { describe, expect, it } from 'vitest'
import { dayAt, hoursOf, lastDays } from '../../src/admin/days.ts'
import { createMeasures } from '../../src/admin/measures.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const at = Date.parse

describe('days', () => {
  it.each([
    ['2026-11-22T20:59:59.999Z', 'Europe/Moscow', '2026-11-21T21:00:00.000Z', 24],
    ['2026-11-22T21:00:00Z', 'Europe/Moscow', '2026-11-22T21:00:00.000Z', 24],
    ['2026-11-22T12:00:00Z', 'Asia/Kathmandu', '2026-11-21T18:15:00.000Z', 24],
    ['2026-11-22T02:00:00Z', 'America/New_York', '2026-11-21T05:00:00.000Z', 24],
    ['2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', 23],
    ['2026-10-25T12:00:00Z', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', 25],
  ])('of %s in %s begin at %s and have %i hours', (moment, zone, begin, hours) => {
    const day = dayAt(at(moment), zone)
    expect(iso(day.from)).toBe(begin)
    expect(hoursOf(day)).toHaveLength(hours)
    expect(hoursOf(day).at(-1)?.to).toBe(day.to)
  })

  it('follow each other without a gap, also where the clocks are changed', () => {
    const days = lastDays(at('2026-03-31T12:00:00Z'), 7, 'Europe/Berlin')
    expect(days).toHaveLength(7)
    for (const [index, { to }] of days.slice(0, -1).entries()) expect(days[index + 1]?.from).toBe(to)
    expect(iso(days[0]?.from ?? 0)).toBe('2026-03-24T23:00:00.000Z')
  })
})

describe('measures', () => {
  const { duration, bytes } = createMeasures('ru-RU')
  const said = (text: string) => text.replaceAll('\u00a0', ' ')
  it.each([
    [-5, '0 с'],
    [1234, '1,2 с'],
    [59_999, '59 с'],
    [60_000, '1 мин'],
    [3_599_000, '59 мин'],
    [2 * 3_600_000, '2 ч'],
    [2 * 3_600_000 + 5 * 60_000, '2 ч 5 мин'],
    [50 * 3_600_000, '2 дн. 2 ч'],
  ])('say how long %i ms are', (ms, text) => expect(said(duration(ms))).toBe(text))

  it.each([
    [0, '0 МБ'],
    [1_234_567, '1,2 МБ'],
    [75_300_000_000, '75,3 ГБ'],
  ])('say how much %i bytes are', (count, text) => expect(said(bytes(count))).toBe(text))
})
