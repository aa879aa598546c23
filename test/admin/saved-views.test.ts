import { afterAll, beforeAll, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

onEachDatabase('saved views', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let olga: Awaited<ReturnType<typeof signIn>>
  let petr: Awaited<ReturnType<typeof signIn>>
  beforeAll(async () => {
    const users = ['olga', 'petr'].map((login) => ({ login, roles: ['viewer'] }))
    parom = await startParom({ databaseUrl: await database.fresh(), users })
    olga = await signIn('olga')
    petr = await signIn('petr')
  })
  afterAll(() => parom.close())

  async function signIn(login: string) {
    const visitor = createVisitor(parom.url)
    await visitor.signIn(login, `${login}-password`)
    const page = async (query = '') => (await visitor.visit(`/app/transactions${query}`)).text
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(await page())?.[1] ?? ''
    return {
      page,
      /** Names and addresses of those of his own. */
      async views() {
        const [, own = ''] = (await page()).split('Мои</p>')
        const links = own.slice(0, own.indexOf('</ul>')).matchAll(/<a href="([^"]+)"[^>]*>([^<]*)</g)
        return Object.fromEntries([...links].map(([, href, name]) => [name, href?.replaceAll('&amp;', '&')]))
      },
      idOf: async (query: string) => /views\/([\da-f-]{36})"/.exec(await page(query))?.[1] ?? '',
      save: (name: string, query: string) => visitor.submit('/app/transactions/views', { _csrf, name, query }),
      change: (id: string, fields: Record<string, string>) =>
        visitor.submit(`/app/transactions/views/${id}`, { _csrf, ...fields }),
      submit: visitor.submit,
      visit: visitor.visit,
    }
  }

  it('are filters under a name, each person his own', async () => {
    const { status, location } = await olga.save(' Опт за неделю ', 'partner=4600&period=7d&stat=1&cursor=x')
    expect([status, location]).toEqual([303, '/app/transactions?partner=4600&period=7d'])
    expect(await olga.views()).toEqual({ 'Опт за неделю': '/app/transactions?partner=4600&period=7d' })
    expect(await petr.views()).toEqual({})
  })

  it('take the place of the one that has the name', async () => {
    await olga.save('Опт за неделю', 'state=dead')
    expect(await olga.views()).toEqual({ 'Опт за неделю': '/app/transactions?state=dead' })
  })

  it('are renamed and taken away where they are looked at, by their owner alone', async () => {
    await olga.save('<b>Вторые</b>', 'state=held')
    const id = await olga.idOf('?state=held')
    await petr.change(id, { action: 'remove' })
    await petr.change(id, { action: 'rename', name: 'Чужие' })
    expect(Object.keys(await olga.views())).toEqual(['&lt;b&gt;Вторые&lt;/b&gt;', 'Опт за неделю'])
    const taken = await olga.change(id, { action: 'rename', name: 'Опт за неделю' })
    expect([taken.status, taken.text]).toEqual([409, expect.stringContaining('уже есть')])
    expect((await olga.change(id, { action: 'rename', name: 'Задержанные', query: 'state=held' })).location).toBe(
      '/app/transactions?state=held',
    )
    expect(Object.keys(await olga.views())).toEqual(['Задержанные', 'Опт за неделю'])
    await olga.change(id, { action: 'remove', name: '' })
    expect(Object.keys(await olga.views())).toEqual(['Опт за неделю'])
  })

  it.each([
    { name: '', query: 'state=dead' },
    { name: ' ', query: 'state=dead' },
    { name: 'x'.repeat(101), query: 'state=dead' },
    { name: 'long', query: 'x'.repeat(4001) },
  ])('have a name: %j', async ({ name, query }) => {
    expect((await petr.save(name, query)).status).toBe(422)
    expect(await petr.views()).toEqual({})
  })

  it('are no more than anybody finds his way in', async () => {
    for (let number = 0; number < 50; number++) await petr.save(`Вид ${number}`, `q=${number}`)
    expect((await petr.save('Ещё один', 'q=x')).status).toBe(409)
    expect((await petr.save('Вид 7', 'q=x')).status).toBe(303)
    expect(Object.keys(await petr.views())).toHaveLength(50)
  })

  it('are there for everybody before he has saved any', async () => {
    const text = await olga.page('?state=dead&period=today')
    for (const [address, name] of [
      ['state=dead&amp;period=today', 'Не доставлены сегодня'],
      ['state=dead', 'Ждут человека'],
      ['state=held', 'Ждут связи с amoCRM'],
      ['state=rejected', 'Отклонены'],
      ['lead=none', 'Без сделки'],
    ])
      expect(text).toMatch(new RegExp(`href="/app/transactions\\?${address}"[^>]*>${name}<`))
    expect(text).toMatch(/aria-current="page">Не доставлены сегодня/)
  })

  it('go by forms of the own session', async () => {
    expect((await olga.submit('/app/transactions/views', { name: 'x', query: '' })).status).toBe(403)
    for (const path of ['/app/transactions/views', '/app/transactions/views/01890000-0000-7000-8000-000000000000'])
      expect((await olga.visit(path)).location).toBe('/app/transactions')
  })
})
