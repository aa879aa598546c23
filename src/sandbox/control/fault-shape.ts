import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import { presets } from './fault-presets.ts'

const longestTimer = 2 ** 31 - 1
const duration = z.number().min(0).max(longestTimer)
const header = { name: z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/), value: z.string().regex(/^[\t\x20-\x7e]*$/) }

/** Which requests a fault is for, when, and how often. */
const aim = {
  /** `*` for any, where a preset would have one of its own. */
  method: z.string().optional(),
  /** Exact, or with `*` for any part of it. */
  path: z.string().optional(),
  /** Only writes of more items than this. */
  items_over: z.int().min(0).optional(),
  /** Only requests whose body, as JSON, has this text. */
  mentions: z.string().optional(),
  times: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  /** By the sandbox's clock. `for_ms` counts from `from`, or else from now. */
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  for_ms: z.number().positive().max(1e12).optional(),
}

const effectShape = z
  .strictObject({
    ...aim,
    effect: z.enum([
      'lost_answer',
      'drop',
      'status',
      'truncate',
      'delay',
      'slow_body',
      'partial_link',
      'field_deleted',
    ]),
    /** The preset that this fault is a part of. */
    preset: z.enum(Object.keys(presets)).optional(),
    status: z.int().min(200).max(599).optional(),
    /** For `status`: whether the work is done before the answer is put in place of the true one. */
    commit: z.boolean().optional(),
    html: z.boolean().optional(),
    headers: z.record(header.name, header.value).optional(),
    body: z.unknown().optional(),
    /** How long before anything happens. */
    delay_ms: duration.optional(),
    /** For `slow_body`: how long the answer takes after its headers. */
    body_ms: duration.optional(),
    /** For `field_deleted`. */
    field_id: z.int().optional(),
  })
  .refine(({ effect, delay_ms }) => effect !== 'delay' || delay_ms !== undefined, needed('delay_ms'))
  .refine(({ effect, field_id }) => effect !== 'field_deleted' || field_id !== undefined, needed('field_id'))

const presetShape = z.strictObject({ ...aim, preset: z.enum(Object.keys(presets)) })

export type FaultSpec = Omit<z.infer<typeof effectShape>, 'for_ms'>
export type Effect = FaultSpec['effect']
type PresetSpec = z.infer<typeof presetShape>

/** Faults as they are asked for: each by its effect, or several by the name of a preset. */
export function readFaults(body: unknown, nowMs: number): FaultSpec[] {
  if (!Array.isArray(body)) throw new Problem(400, { detail: 'A list of faults is expected' })
  return body.flatMap((each, index) => readFault(each, index)).map((spec) => inTime(spec, nowMs))
}

function readFault(item: unknown, index: number): z.infer<typeof effectShape>[] {
  const isPreset = typeof item === 'object' && item !== null && 'preset' in item && !('effect' in item)
  const parsed = isPreset ? presetShape.safeParse(item) : effectShape.safeParse(item)
  if (!parsed.success) throw new Problem(400, { detail: `Fault ${index}: ${z.prettifyError(parsed.error)}` })
  return 'effect' in parsed.data ? [parsed.data] : partsOf(parsed.data)
}

/**
 * The parts of a preset share its probability. The first fault that fits is the one that strikes, so each later part
 * is made as much likelier as it is seldom reached.
 */
function partsOf({ preset, probability = 1, seed = 1, ...aimed }: PresetSpec) {
  const { parts, aim: usual } = presets[preset] ?? { parts: [], aim: {} }
  const share = probability / parts.length
  return parts.map((part, index) => ({
    ...usual,
    ...part,
    ...aimed,
    preset,
    probability: share === 0 ? 0 : Math.min(1, share / (1 - share * index)),
    seed: seed + index,
  }))
}

function inTime({ for_ms, ...spec }: z.infer<typeof effectShape>, nowMs: number): FaultSpec {
  if (for_ms === undefined) return spec
  const start = spec.from === undefined ? nowMs : Date.parse(spec.from)
  return { ...spec, from: new Date(start).toISOString(), until: new Date(start + for_ms).toISOString() }
}

function needed(key: string) {
  return { path: [key], error: 'This effect needs it' }
}
