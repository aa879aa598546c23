import { expect, it } from 'vitest'
import { createMessageId } from '../../src/inbox/message-id.ts'

it('gives ids that are in the order in which they were made, and no two the same', () => {
  const start = 1_800_000_000_000
  const ids = Array.from({ length: 5000 }, (_, index) => createMessageId(start + Math.floor(index / 1000)))
  expect(new Set(ids).size).toBe(5000)
  expect(ids.toSorted()).toEqual(ids)
  expect(ids[0]).toMatch(/^01a3185c-5000-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
