import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readContactNews } from '../../src/amocrm/mirror/contact-news.ts'

describe('the body of a webhook', () => {
  const account = 'account[subdomain]=demo&account[id]=31000001'
  const values = 'contacts[update][0][custom_fields][0]'
  const told = `contacts[update][0][id]=7&contacts[update][0][name]=${encodeURIComponent('Анна')}&contacts[update][0][updated_at]=1800000000`

  it.each([
    ['a list of records', `${values}[id]=641351&${values}[values][0][value]=P-7`],
    ['a list of texts', `${values}[id]=641351&${values}[values][0]=P-7`],
    ['one record', `${values}[id]=641351&${values}[values][value]=P-7`],
    ['one text', `${values}[id]=641351&${values}[values]=P-7`],
    ['a list with gaps', `${values}[id]=641351&${values}[values][5000][value]=P-7`],
  ])('is read with %s as the values of a field', (_case, field) => {
    const news = readContactNews(`${told}&${field}&${account}`, 641351)
    expect(news?.crmAccount).toBe(31000001)
    expect(news?.changes).toMatchObject([
      { list: 'contacts', kind: 'changed', item: { id: 7, name: 'Анна', updatedAt: 1_800_000_000 } },
    ])
    expect(news?.changes[0]).toHaveProperty('item.keys', expect.arrayContaining([{ kind: 'partner', value: 'P-7' }]))
  })

  it('tells of several at once, of companies, of what is gone and of what it does not describe', () => {
    const body = [
      told,
      'contacts[update][1][id]=8&contacts[update][1][type]=company&contacts[update][1][updated_at]=1800000000&contacts[update][1][custom_fields][0][id]=1',
      'contacts[add][0][id]=9&contacts[delete][0][id]=10&contacts[delete][0][type]=contact&contacts[restore][0][id]=11',
      account,
    ].join('&')
    expect(readContactNews(body, 641351)?.changes).toMatchObject([
      { list: 'contacts', kind: 'named', id: 9 },
      { list: 'contacts', kind: 'named', id: 7 },
      { list: 'companies', kind: 'changed', item: { id: 8 } },
      { list: 'contacts', kind: 'named', id: 11 },
      { list: 'contacts', kind: 'deleted', id: 10 },
    ])
  })

  it.each(['', 'a=b', '{"contacts":1}', 'contacts=1', '%'])('is none when it is %j', (body) => {
    expect(readContactNews(body, 641351)).toBeNull()
  })

  it('says nothing of contacts when it is about leads', () => {
    expect(readContactNews(`leads[add][0][id]=1&${account}`, 641351)).toEqual({ crmAccount: 31000001, changes: [] })
  })

  it('may be anything at all', () => {
    const part = fc.constantFrom(
      'contacts',
      '[update]',
      '[delete]',
      '[0]',
      '[id]',
      '[custom_fields]',
      '[values]',
      '=',
      '&',
      '1',
      '__proto__',
      '%',
      '[value]',
      'x',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (body) => {
          const news = readContactNews(body, 641351)
          for (const change of news?.changes ?? []) expect(['changed', 'named', 'deleted']).toContain(change.kind)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
