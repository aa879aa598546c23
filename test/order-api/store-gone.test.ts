import { renameSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { exampleOf } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { scrape } from '../support/scrape.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

/** A database that can be taken away and given back. */
async function fragile(name: string, url: string) {
  if (name === 'SQLite') {
    const file = url.slice('sqlite:'.length)
    const takeAway = () => renameSync(file, `${file}.away`)
    return { url, takeAway, giveBack: () => renameSync(`${file}.away`, file), close: async () => {} }
  }
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(inject('mariadbUrl')).port) })
  const through = new URL(url)
  through.port = String(proxy.port)
  return { url: through.href, takeAway: proxy.cut, giveBack: proxy.mend, close: proxy.close }
}

onEachDatabase('the order API without its database', (database) => {
  it('answers 503 with Retry-After in the form of its document, and takes the order once it is back', async () => {
    const store = await fragile(database.name, await database.fresh())
    const parom = await startParom({ databaseUrl: store.url })
    const { token } = await addShop(store.url)
    const order = { ...exampleOf('create-order'), comment: 'во время' }
    const send = () => callApi(parom.url, 'create-order', order, { token })
    expect((await callApi(parom.url, 'callback', exampleOf('callback'), { token })).status).toBe(201)

    store.takeAway()
    for (let times = 0; times < 3; times++) {
      const { status, headers, body } = await send()
      expect([status, body]).toEqual([
        503,
        { signedIn: false, message: expect.stringMatching(/^Хранилище сейчас недоступно/) },
      ])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    store.giveBack()
    expect((await scrape(parom.url)).counts('parom_orders_not_stored_total')).toEqual({ failed: 3 })

    const { status, body } = await send()
    expect(status).toBe(201)
    expect((await send()).body).toEqual(body)
    await parom.close()
    await store.close()
  })
})
