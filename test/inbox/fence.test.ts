import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Claim } from '../../src/inbox/message.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'
const start = 1_800_000_000_000

onEachDatabase('who no longer holds a message', (database) => {
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  let claim: Claim
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = start
    inbox = createInbox(opened, () => now)
    const order = { account, source: 'lk', dedupeKey: 'a', dedupeWindow: null, contentType: 'text/plain', headers: {} }
    await inbox.accept({ ...order, body: Buffer.from('a') })
    const [first] = await inbox.claim(account, 1)
    claim = first ?? expect.fail('nothing was due')
  })
  afterEach(() => opened.close())

  it('does not put off its next try by a renewal that comes late', async () => {
    const outcome = { kind: 'retry', reason: 'crm_unavailable', error: 'reset', at: start + 60_000 } as const
    await inbox.settle([{ claim, outcome }])
    await inbox.renew([claim])
    expect(await inbox.find(claim.id)).toMatchObject({ next_attempt_at: start + 60_000, lease_until: null })
  })

  it('writes nothing once another process has taken the account over', async () => {
    await inbox.takeOver(account)
    expect(await inbox.record([{ claim, progress: { lead_id: 1 } }])).toEqual(new Set([claim]))
    await inbox.renew([claim])
    expect(await inbox.find(claim.id)).toMatchObject({ lead_id: null, lease_until: null, next_attempt_at: start })
  })

  it('keeps nobody from it, although the clock was years ahead', async () => {
    now = start - 3 * 365 * 24 * 60 * 60_000
    await inbox.takeOver(account)
    expect(await inbox.claim(account, 1)).toMatchObject([{ id: claim.id, attempt: 2 }])
  })
})
