import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convertValue } from '../../src/mapping/field-values.ts'
import { accountField } from '../fixtures/account.ts'

const convert = (code: string, value: unknown, timeZone: string) =>
  convertValue({ field: accountField(code), part: null }, 'our.name', value, { timeZone })

describe('the time of an account', () => {
  it.each([
    ['Europe/Kyiv', '29.03.2026 02:59', '2026-03-29T02:59:00+02:00'],
    ['Europe/Kyiv', '29.03.2026 03:30', '2026-03-29T04:30:00+03:00'],
    ['Europe/Kyiv', '25.10.2026 03:30', '2026-10-25T03:30:00+03:00'],
    ['Europe/Kyiv', '25.10.2026 04:00', '2026-10-25T04:00:00+02:00'],
    ['America/New_York', '08.03.2026 02:30', '2026-03-08T03:30:00-04:00'],
    ['America/New_York', '01.11.2026 01:30', '2026-11-01T01:30:00-04:00'],
    ['America/St_Johns', '01.01.2026 12:00', '2026-01-01T12:00:00-03:30'],
    ['Asia/Kathmandu', '01.01.2026 12:00', '2026-01-01T12:00:00+05:45'],
    ['UTC', '01.01.2026 12:00', '2026-01-01T12:00:00+00:00'],
    ['Nowhere/At_All', '01.01.2026 12:00', '2026-01-01T12:00:00+00:00'],
  ])('in %s at %s is %s', (zone, written, sent) => {
    expect(convert('DELIVERY_TIME', written, zone).values).toEqual([{ value: sent }])
  })

  it.each([
    ['Africa/Cairo', '24.04.2026', '2026-04-24T01:00:00+03:00'],
    ['America/New_York', '2026-07-04T02:00:00Z', '2026-07-03T00:00:00-04:00'],
    ['America/Caracas', '01.01.1901', '1901-01-01T00:00:00-04:28'],
  ])('in %s day %s begins at %s', (zone, written, sent) => {
    expect(convert('DELIVERY_DATE', written, zone).values).toEqual([{ value: sent }])
  })

  it('shows every day and minute as it was written', () => {
    const zone = fc.constantFrom(
      'Europe/Moscow',
      'Europe/Kyiv',
      'Asia/Kamchatka',
      'America/New_York',
      'Australia/Lord_Howe',
    )
    const moment = fc.date({ min: new Date('1900-01-02'), max: new Date('2100-12-30'), noInvalidDate: true })
    fc.assert(
      fc.property(zone, moment, (timeZone, date) => {
        const written = date.toISOString().slice(0, 16)
        const [{ value: day } = {}] = convert('DELIVERY_DATE', written, timeZone).values
        expect(String(day).slice(0, 10)).toBe(written.slice(0, 10))
        const [{ value: time } = {}] = convert('DELIVERY_TIME', written, timeZone).values
        expect(convert('DELIVERY_TIME', time, timeZone).values).toEqual([{ value: time }])
      }),
    )
  })
})
