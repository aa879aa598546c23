import { z } from 'zod'
import { AmocrmError } from './errors.ts'

/** The answer in the shape that the documentation promises; any other tells as little as none. */
export function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new AmocrmError('unavailable', `unexpected answer: ${z.prettifyError(result.error)}`, { mayHaveHappened: true })
}
