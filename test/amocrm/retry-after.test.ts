import { expect, it } from 'vitest'
import { retryAfterOf } from '../../src/amocrm/errors.ts'

const date = 'Wed, 21 Oct 2026 07:28:00 GMT'

it.each([
  [{ 'retry-after': '120' }, undefined, 120_000],
  [{ 'retry-after': ' 1.5 ' }, undefined, 1500],
  [{ date, 'retry-after': 'Wed, 21 Oct 2026 07:30:00 GMT' }, undefined, 120_000],
  [{ date, 'retry-after': 'Wed, 21 Oct 2026 07:20:00 GMT' }, undefined, null],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:30:00 GMT' }, undefined, null],
  [{ 'retry-after': 'soon' }, { retry_after: 300 }, 300_000],
  [{ 'retry-after': '-5' }, { retry_after: '300' }, 300_000],
  [{ 'retry-after': '1' }, { retry_after: 300 }, 1000],
  [{ 'retry-after': '' }, { retry_after: null }, null],
  [{ date, 'retry-after': '-5' }, { retry_after: -1 }, null],
  [{}, { retry_after: [5] }, null],
  [{}, 'text', null],
])('understands %j with %j as %j ms to wait', (headers, body, ms) => {
  expect(retryAfterOf(body, headers)).toBe(ms)
})
