import { afterEach, beforeEach, expect, it } from 'vitest'
import { ensureMarkerField } from '../../src/amocrm/marker.ts'
import { clientWithToken, inHaste } from '../support/amocrm.ts'
import { startTestSandbox } from '../support/parom.ts'

let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
let client: ReturnType<typeof clientWithToken>
beforeEach(async () => {
  sandbox = await startTestSandbox()
  const token = (await sandbox.credentials()).access_token
  client = clientWithToken({ baseUrl: sandbox.url, token, requestsPerSecond: inHaste })
})
afterEach(() => sandbox.close())

const markers = async () =>
  (await sandbox.state()).custom_fields.leads.filter(
    (field: { code: string | null }) => field.code === 'PAROM_ORDER_KEY',
  )

it('makes the marker field once, though two processes connect at the same time', async () => {
  const ids = await Promise.all([ensureMarkerField(client), ensureMarkerField(client)])
  const [field, ...others] = await markers()
  expect(others).toEqual([])
  expect(field).toMatchObject({ type: 'text', is_api_only: true })
  expect(ids).toEqual([field.id, field.id])
  expect(await ensureMarkerField(client)).toBe(field.id)
})

it('goes without the marker field where the token may not make fields', async () => {
  await sandbox.faults([{ method: 'POST', path: '/api/v4/leads/custom_fields', effect: 'status', status: 403 }])
  expect(await ensureMarkerField(client)).toBeNull()
})

it('does not take a block for a missing right', async () => {
  await sandbox.faults([
    { method: 'POST', path: '/api/v4/leads/custom_fields', effect: 'status', status: 403, html: true },
  ])
  await expect(ensureMarkerField(client)).rejects.toMatchObject({ kind: 'blocked' })
})
