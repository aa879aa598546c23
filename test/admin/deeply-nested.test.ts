import { expect, it } from 'vitest'
import { addShop, callApi } from '../support/api-shops.ts'
import { freshMariadb } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

const depth = 100_000
const nested = '['.repeat(depth) + ']'.repeat(depth)

it('what is nested a hundred thousand deep is refused, or an order like others', async () => {
  const databaseUrl = await freshMariadb()
  const parom = await startParom({ databaseUrl })
  const { token } = await addShop(databaseUrl)
  for (const path of ['create-order', 'callback', 'login', 'register', 'change-password'])
    for (const body of [nested, `{"items":${nested},"name":${nested}}`])
      expect((await callApi(parom.url, path, body, { token })).status, path).toBe(400)

  const admin = createVisitor(parom.url)
  await admin.signIn()
  const json = { 'content-type': 'application/json' }
  const asJson = await parom.post(`{"order_id":"1","comment":${nested},"products":${nested}}`, json)
  const asForm = await parom.post(`order_id=2&a${'[x]'.repeat(depth)}=1`)
  for (const { id } of [asJson.body, asForm.body]) {
    await parom.reaches(id, 'delivered')
    for (const part of ['', '/plan', '/body', '/text?part=body'])
      expect((await admin.visit(`/app/transactions/${id}${part}`)).status, part).toBe(200)
    expect((await admin.visit(`/app/mapping/bench?message=${id}`)).status).toBe(200)
  }
  await parom.close()
})
