import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'

/** What nobody is sure of about the CRM, read the other way than the sandbox does by itself. */
const otherwise: object[] = [
  { '429_body': 'html' },
  { query_index_stuck: true },
  { query_index_delay_ms: { min: 0, max: 60_000 } },
  { is_api_filter_enabled: true },
  { filters_off: 'ignore_custom_fields' },
  { text_filter: 'substring' },
  { next_link_when_empty: true },
  { limit_above_250: 50 },
  { batch_failure: 'partial_200' },
  { batch_failure: 'partial_400' },
  { batch_limit_status: 400 },
  { long_text: 'cut' },
  { long_text_unit: 'bytes' },
  { textarea_max: 100 },
  { number_as_text: 'accept' },
  { error_codes: { TooLong: 'InvalidLength', NotSupportedChoice: 'NotFound' } },
  { note_entity_code: 'NotFound' },
  { required_statuses: 'enforced' },
  { price_with_minor_units: true },
  { links_per_request: 50 },
  { link_again: 'sum' },
  { user_agent_required: true },
  { url_max: 2000 },
  { token_claims: 'promised' },
  { events_of_api_writes: false },
]

describe.each(otherwise)('where the CRM is %j', (settings) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeEach(async () => {
    sandbox = await startTestSandbox()
    await sandbox.settings(settings)
    parom = await startParom({ databaseUrl: 'sqlite::memory:', sandbox })
  })
  afterEach(async () => {
    await parom.close()
    await sandbox.close()
  })

  it('an order becomes one lead, with its products and its note, although the answers get lost', async () => {
    await sandbox.faults(
      ['/api/v4/leads', '/api/v4/leads/link', '/api/v4/leads/notes'].map((path) => ({
        method: 'POST',
        path,
        effect: 'lost_answer',
        times: 1,
      })),
    )
    const comment = 'Длинный комментарий '.repeat(20)
    const { body } = await parom.post(asForm(anOrder({ comment, lastname: 'Щ'.repeat(250) })))
    for (let tries = 0; tries < 100; tries++) {
      const message = await parom.inbox.find(body.id)
      if (message?.state !== 'pending') break
      if (message.next_attempt_at && message.lease_until === null)
        parom.advance(Math.max(0, message.next_attempt_at - parom.clock.now()) + 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await parom.inbox.find(body.id)).toMatchObject({ state: 'delivered', error: null })
    const { leads, notes, links } = await sandbox.state()
    expect([leads.length, notes.length]).toEqual([1, 1])
    expect(leads[0]._embedded.contacts).toHaveLength(1)
    expect(
      leads[0]._embedded.catalog_elements.map(({ metadata }: { metadata: { quantity: number } }) => metadata.quantity),
    ).toEqual([1])
    expect(notes[0].params.text).toContain(comment.trim())
    expect(links.length).toBeGreaterThan(0)
  })
})
