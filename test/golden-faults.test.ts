import { afterEach, expect, it, vi } from 'vitest'
import { defaultSeed } from '../src/sandbox/seed/default-seed.ts'
import { accountSeed } from './fixtures/account.ts'
import { goldenSeed } from './fixtures/golden-account.ts'
import { seeLead, withoutNewIds } from './support/crm-sight.ts'
import { onEachDatabase } from './support/databases.ts'
import { type CrmFault, goldenConfig, readCrmFaults } from './support/golden.ts'
import { sampleOrder } from './support/orders.ts'
import { startParom, startTestSandbox } from './support/parom.ts'

/** The sample order, posted to a CRM that fails as `_faults.json` says: the lead is whole once the CRM is well again. */
onEachDatabase('a CRM that fails', (database) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>

  afterEach(async () => {
    await parom.close()
    await sandbox.close()
  })

  async function start({ faults = [], ...spec }: Omit<CrmFault, 'matches'>) {
    sandbox = await startTestSandbox()
    await sandbox.seed(seedOf(spec))
    await sandbox.faults(faults)
    parom = await startParom({ databaseUrl: await database.fresh(), sandbox, env: { CONFIG_DIR: goldenConfig } })
  }

  /** How the order waits, and how it has waited: it may be on its way again before anybody looks. */
  async function waits(id: string) {
    const { state, reason } = (await parom.inbox.find(id)) ?? {}
    const earlier = (await parom.inbox.attempts(id)).map(({ outcome, reason }) => ({
      state: outcome === 'retry' ? 'pending' : outcome,
      reason,
    }))
    return [{ state, reason }, ...earlier]
  }

  /** Moves time on from try to try; a person sends again what was given up. */
  async function patientlyDelivered(id: string) {
    await vi.waitFor(
      async () => {
        const message = await parom.inbox.find(id)
        if (message?.state === 'held') parom.advance(60 * 60_000)
        if (message?.state === 'dead') await parom.inbox.redeliver(id)
        if (message?.state === 'pending' && message.lease_until === null && message.next_attempt_at !== null)
          parom.advance(Math.max(0, message.next_attempt_at - parom.clock.now()) + 1)
        if (message?.state === 'delivered' && message.products_check_at !== null) parom.advance(60_000)
        expect(message).toMatchObject({ state: 'delivered', products_check_at: null })
      },
      { timeout: 20_000, interval: 25 },
    )
    return parom.reaches(id, 'delivered')
  }

  it.each(readCrmFaults())('$name: $about', async ({ matches, ...spec }) => {
    await start(spec)
    const { body } = await parom.post(sampleOrder)
    const { meanwhile } = spec
    if (meanwhile) {
      await expect.poll(() => waits(body.id), { interval: 25, timeout: 10_000 }).toContainEqual(meanwhile)
      await sandbox.faults((spec.faults ?? []).filter(({ times }) => times !== undefined))
      // What the CRM is at work on ends within half a minute, and the time of this test flies past that.
      if (spec.faults?.some(({ effect, method }) => effect === 'delay' && method === 'POST'))
        await expect.poll(async () => (await sandbox.state()).leads).not.toEqual([])
    }
    const { lead_id, warnings } = await patientlyDelivered(body.id)
    const state = await sandbox.state()
    expect(state.leads).toHaveLength(1)
    const told = JSON.parse(withoutNewIds(warnings ?? '[]', state))
    await matches('crm.json', { ...seeLead(lead_id ?? 0, state), warnings: told })
  })
})

function seedOf({
  seed = {},
  extraContacts = 0,
  newFieldType,
}: Pick<CrmFault, 'seed' | 'extraContacts' | 'newFieldType'>) {
  // Newer than the partner, so that the partner is on the last page.
  const extra = Array.from({ length: extraContacts }, (_, index) => ({ name: `Прохожий ${index}` }))
  if (!newFieldType) return { ...goldenSeed, contacts: [...goldenSeed.contacts, ...extra], ...seed }
  const field = { id: 702901, name: 'Новое', type: newFieldType }
  const [partner, ...others] = defaultSeed().contacts ?? []
  const values = [...(partner?.custom_fields_values ?? []), { field_id: field.id, values: [{ value: 'что-то' }] }]
  return {
    ...goldenSeed,
    custom_fields: { ...accountSeed.custom_fields, contacts: [...(accountSeed.custom_fields.contacts ?? []), field] },
    contacts: [{ ...partner, custom_fields_values: values }, ...others],
  }
}
