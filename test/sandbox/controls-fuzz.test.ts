import fc from 'fast-check'
import { expect } from 'vitest'
import { type Client, tell } from './client.ts'

const anything = fc.jsonValue({ maxDepth: 2 })
const keys = [
  'effect',
  'preset',
  'method',
  'path',
  'times',
  'probability',
  'seed',
  'from',
  'for_ms',
  'status',
  'headers',
]
const likely = fc.oneof(
  anything,
  fc.constantFrom('drop', 'status', 'bad day', '*', '**', '/api/v4/(', 'GET', '2026-01-01T00:00:00Z', '__proto__'),
)
const fault = fc.dictionary(fc.constantFrom(...keys), likely)
const words = fc.string({ unit: 'grapheme', maxLength: 40 })

async function answers(amo: Client, path: string, init: RequestInit) {
  const response = await fetch(amo.sandbox.url + path, init)
  await response.text()
  return response.status
}

tell('whatever is sent to the controls', [
  [
    'contract',
    'is taken or refused, and breaks nothing: faults',
    async (amo) => {
      const send = (body: unknown) =>
        answers(amo, '/__sandbox/faults', { method: 'POST', body: JSON.stringify(body) ?? '' })
      await fc.assert(
        fc.asyncProperty(fc.oneof(anything, fc.array(fault, { maxLength: 3 })), async (body) => {
          expect([200, 400]).toContain(await send(body))
          expect(await answers(amo, '/__sandbox/controls.html', {})).toBe(200)
        }),
      )
      await send([])
      expect((await amo.get('/account')).status).toBe(200)
    },
  ],
  [
    'contract',
    'is taken or refused, and breaks nothing: forms',
    async (amo) => {
      const names = [...Object.keys((await amo.admin('/settings')).body), 'preset', 'percent', 'on', 'advance_ms']
      const form = fc.dictionary(
        fc.constantFrom(...names),
        fc.oneof(words, fc.constantFrom('on', 'yes', '-1', '1e9', '1e300')),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('fault', 'settings', 'fault-off', 'field', 'clock'),
          form,
          async (address, fields) => {
            const body = new URLSearchParams(fields)
            expect([200, 400]).toContain(await answers(amo, `/__sandbox/controls/${address}`, { method: 'POST', body }))
            expect(await answers(amo, '/__sandbox/controls.html', {})).toBe(200)
          },
        ),
      )
    },
  ],
  [
    'contract',
    'is taken or refused, and breaks nothing: what is looked for',
    async (amo) => {
      await amo.lead({ name: 'Заказ' })
      await fc.assert(
        fc.asyncProperty(words, words, async (one, other) => {
          const board = new URLSearchParams({ search: one, pipeline: other, all: one })
          expect(await answers(amo, `/?${board}`, {})).toBe(200)
          const journal = new URLSearchParams({ path: one, method: other, outcome: one })
          expect(await answers(amo, `/__sandbox/journal.html?${journal}`, {})).toBe(200)
        }),
      )
    },
  ],
])
