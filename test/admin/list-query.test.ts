import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsOf, queryOf, readListQuery } from '../../src/admin/list-query.ts'

// 01:30 of the 23rd in Moscow, and still the 22nd in UTC.
const calendar = { timeZone: 'Europe/Moscow', now: Date.parse('2026-11-22T22:30:00Z') }
const read = (query: string) => readListQuery(Object.fromEntries(new URLSearchParams(query)), calendar)
const at = (text: string) => Date.parse(text)

describe('the address of the list', () => {
  it.each([
    ['period=today', { from: at('2026-11-23T00:00+03:00') }],
    ['period=yesterday', { from: at('2026-11-22T00:00+03:00'), until: at('2026-11-23T00:00+03:00') }],
    ['period=7d', { from: at('2026-11-17T00:00+03:00') }],
    ['period=30d', { from: at('2026-10-25T00:00+03:00') }],
    ['from=2026-11-01&to=2026-11-02', { from: at('2026-11-01T00:00+03:00'), until: at('2026-11-03T00:00+03:00') }],
    ['from=2026-11-01T10:00:00Z', { from: at('2026-11-01T10:00Z') }],
    ['to=2026-11-01T10:00:00.500%2B03:00', { until: at('2026-11-01T07:00:00.500Z') }],
    ['period=today&from=2026-11-01', { from: at('2026-11-23T00:00+03:00') }],
    ['period=yesterday&to=2026-11-01', { from: at('2026-11-22T00:00+03:00'), until: at('2026-11-02T00:00+03:00') }],
    ['state=retrying', { state: 'pending', retrying: true }],
    ['state=dead&reason=crm_rejected', { state: 'dead', reason: 'crm_rejected' }],
    [
      'q=%20N-5%20&partner=4600&source=lk&form=default',
      { text: 'N-5', partner: '4600', source: 'lk', form: 'default' },
    ],
    ['lead=none', { leadless: true }],
    ['q=&state=&from=', {}],
  ])('%s means %j', (query, filter) => {
    const { ignored, ...meant } = read(query)
    expect(Object.fromEntries(Object.entries(meant.filter).filter(([, value]) => value !== undefined))).toEqual(filter)
    expect(ignored).toEqual([])
  })

  it('reckons with clocks that are put back', () => {
    const berlin = { timeZone: 'Europe/Berlin', now: at('2026-11-22T12:00Z') }
    const { filter } = readListQuery({ from: '2026-10-25', to: '2026-10-25' }, berlin)
    expect((Number(filter.until) - Number(filter.from)) / 3_600_000).toBe(25)
  })

  it.each([
    'state=nonsense',
    'reason=nonsense',
    'from=2026-02-30',
    'from=1969-12-31',
    'from=tomorrow',
    'to=9999-12-31',
    'to=0000-00-00',
    'period=ever',
    'lead=1',
    'limit=0',
    'limit=501',
    'cursor=nonsense',
    'order=random',
    `q=${'x'.repeat(191)}`,
    'source=Партнёр',
    'stat=dead',
    '__proto__=1',
    'constructor=1',
  ])('names what it does not understand, and filters nothing by it: %s', (query) => {
    const { ignored, filter, limit, order, cursor } = read(query)
    expect(ignored).toEqual([query.split('=')[0]])
    expect(Object.values(filter).every((value) => value === undefined)).toBe(true)
    expect({ limit, order, cursor }).toEqual({ limit: 50, order: 'newest', cursor: undefined })
  })

  it('names a filter that is given twice', () => {
    expect(readListQuery({ state: ['dead', 'held'], q: { $ne: '1' } }, calendar).ignored).toEqual(['state', 'q'])
  })

  it('is the same for the same filters, and its fields mean the same orders on another day', () => {
    const query = read('period=yesterday&q=N-5&state=dead&order=oldest&limit=25')
    expect(queryOf(query.filters)).toBe('q=N-5&state=dead&period=yesterday')
    const later = { ...calendar, now: calendar.now + 40 * 86_400_000 }
    expect(readListQuery(fieldsOf(query), later).filter).toEqual(query.filter)
  })

  it('takes anything', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))), (given) => {
        const { filters } = readListQuery(given, calendar)
        const again = readListQuery(Object.fromEntries(new URLSearchParams(queryOf(filters))), calendar)
        expect(again.filters).toEqual(filters)
      }),
    )
  })
})
