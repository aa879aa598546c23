import { afterEach, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { type ParomOptions, startParom, startTestSandbox } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const patient = { timeout: 15_000 }

onEachDatabase('the page of what goes where', (database) => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function start(options: Partial<ParomOptions> = {}) {
    const sandbox = await startTestSandbox()
    closing.push(sandbox.close)
    const parom = await startParom({ databaseUrl: await database.fresh(), ...options, sandbox })
    closing.push(parom.close)
    const visitor = createVisitor(parom.url)
    await visitor.signIn()
    const page = async () => (await visitor.visit('/app/mapping')).text
    const { access_token } = await sandbox.credentials()
    return {
      sandbox,
      visitor,
      page,
      async read() {
        await expect.poll(page, patient).not.toContain('Списки читаются')
        return page()
      },
      async refresh() {
        const fields = formWith('_csrf', /./, await page())
        return visitor.submit('/app/mapping/lists', { _csrf: fields['_csrf'] ?? '' })
      },
      /** As a person does in the CRM. */
      async change(method: string, path: string, body?: unknown) {
        const answer = await fetch(`${sandbox.url}/api/v4/${path}`, {
          method,
          headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        expect(answer.status).toBeLessThan(300)
      },
    }
  }

  it('says of each field of the order where it goes, by the names of the account', async () => {
    const { read } = await start({
      form: {
        responsible_user_id: 504141,
        lead_name: 'Заказ',
        mapping: {
          payment_code: { mapped_id: 'paid', values: { cod: 'Наличные', '*': 'Другое' }, default: 'не сказано' },
          'custom###source': { mapped_id: 'paid', value: 'Из кабинета' },
          total: { mapped_id: 'lead_price' },
        },
        logic: { payment_code: { cod: { status_id: 26034991 } } },
      },
      amoFields: { paid: { name: 'Способ оплаты' } },
    })
    const text = textOf(await read())
    expect(text).toContain('Дропшиппинг 1731979 → Новый заказ 26034988')
    expect(text).toContain('Администратор 504141')
    expect(text).toContain('«Заказ», затем названия товаров')
    expect(text).toContain('payment_code = cod : этап В работе 26034991')
    expect(text).toContain('payment_code Способ оплаты сделка id 685743 · текст')
    expect(text).toContain('cod → Наличные любое другое → Другое Если пусто или не подходит: «не сказано»')
    expect(text).toContain('«Из кабинета» всегда одно и то же: source')
    expect(text).toContain('total Бюджет сделки lead_price целым числом, с округлением')
    expect(text).toContain('config/local/request.mapper.ts')
    expect(text).toMatch(/Каталоги Товары товары 4521/)
  })

  it('marks in red what has vanished and in yellow what does not fit', async () => {
    const { change, read, refresh } = await start({
      form: {
        responsible_user_id: 99,
        mapping: { comment: { mapped_id: 'note' }, total: { mapped_id: 'lead_price', default: 'сколько-то' } },
      },
      amoFields: { note: { id: 685737 } },
    })
    expect(await read()).not.toContain('class="target gone"')
    await change('DELETE', 'leads/custom_fields/685737')
    expect((await refresh()).location).toBe('/app/mapping?done')
    const html = await read()
    expect(html).toContain('class="target gone"')
    expect(html).toContain('class="target unfit"')
    expect(html).toContain('class="thing gone"')
    expect(textOf(html)).toMatch(/✗ 2 настройки ведут в пустоту ! \d+ не подход/)
    expect(textOf(html)).toContain('id 685737 ✗ нет в amoCRM note')
    expect(textOf(html)).toContain('Исправьте id, name или code в amo-fields.mapper.ts')
  })

  it('shows a renamed pipeline and a new stage once the lists are refreshed', async () => {
    const { change, read, refresh } = await start()
    expect(await read()).not.toContain('Проверка оплаты')
    await change('PATCH', 'leads/pipelines/1731979', { name: 'Партнёры' })
    await change('POST', 'leads/pipelines/1731979/statuses', [{ name: 'Проверка оплаты', sort: 25 }])
    expect(await read()).not.toContain('Проверка оплаты')
    await refresh()
    const text = textOf(await read())
    expect(text).toContain('Партнёры 1731979 → Новый заказ 26034988')
    expect(text).toMatch(/Проверка оплаты \d+/)
  })

  it('shows what is known while amoCRM is away, and since when', async () => {
    const { sandbox, read, refresh } = await start()
    await read()
    await sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 502 }])
    await refresh()
    const text = textOf(await read())
    expect(text).toContain('amoCRM сейчас не отвечает')
    expect(text).toMatch(/Показано то, что известно с \d\d\.\d\d\.\d{4}/)
    expect(text).toContain('Дропшиппинг 1731979')
    await sandbox.faults([])
    await refresh()
    expect(textOf(await read())).not.toContain('amoCRM сейчас не отвечает')
  })

  it('says that the lists are being read until they are', async () => {
    const { sandbox, visitor, read, refresh } = await start()
    await read()
    await sandbox.faults([{ path: '/api/v4/*', effect: 'delay', delay_ms: 400 }])
    await refresh()
    const { text, headers } = await visitor.visit('/app/mapping?done')
    expect(text).toContain('Списки читаются')
    expect(text).not.toContain('Списки прочитаны заново')
    expect(headers.get('refresh')).toBe('2')
    await read()
    expect((await visitor.visit('/app/mapping?done')).text).toContain('Списки прочитаны заново')
  })

  it('opens before anything was read, and marks nothing', async () => {
    const { sandbox, page, read } = await start()
    await sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 502 }])
    await page()
    const html = await read()
    expect(html).toContain('Списки ещё не прочитаны')
    expect(html).toContain('685741')
    expect(html).not.toContain('class="target gone"')
  })

  it('finds in the lists by name and id', async () => {
    const { visitor, read } = await start()
    await read()
    const found = async (words: string) => {
      const { text } = await visitor.visit(`/app/mapping?q=${encodeURIComponent(words)}`)
      return [...text.matchAll(/<li data-find="([^"]*)"/g)].map(([, name = '']) => name.trim())
    }
    expect(await found('в  РАБОТЕ')).toEqual(['В работе 26034991'])
    expect(await found('685741')).toHaveLength(1)
    expect(await found('<script>')).toEqual([])
  })
})

function textOf(html: string) {
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? ''
  return main.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
}
