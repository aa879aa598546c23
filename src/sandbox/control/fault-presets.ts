import type { FaultSpec } from './fault-shape.ts'

interface Preset {
  /** Whom it strikes unless told otherwise. */
  aim: { method?: string; path: string; items_over?: number }
  /** One of them strikes, each as often as any other. */
  parts: Pick<FaultSpec, 'effect' | 'status' | 'commit' | 'html' | 'headers' | 'delay_ms' | 'body_ms'>[]
}

const everything = { path: '/api/v4/*' }
const writes = { method: 'POST', path: '/api/v4/*' }

const broken = (status: number, more: Partial<Preset['parts'][number]> = {}): Preset['parts'][number] => ({
  effect: 'status',
  status,
  ...more,
})
const html = { html: true }
const afterWork = { html: true, commit: true }
const patience = { headers: { 'Retry-After': '2' } }

/** Troubles that come together, by the name under which they can be asked for. */
export const presets: Record<string, Preset> = {
  'bad day': {
    aim: everything,
    parts: [
      { effect: 'lost_answer' },
      { effect: 'drop' },
      { effect: 'truncate' },
      { effect: 'delay', delay_ms: 3000 },
      { effect: 'slow_body', body_ms: 3000 },
      broken(429, html),
      broken(500),
      broken(502, afterWork),
      broken(503, html),
      broken(504, afterWork),
    ],
  },
  'lost answers': { aim: writes, parts: [{ effect: 'lost_answer' }] },
  'lost requests': { aim: writes, parts: [{ effect: 'drop' }] },
  'gateway errors': {
    aim: everything,
    parts: [broken(502, html), broken(502, afterWork), broken(503, html), broken(504, html), broken(504, afterWork)],
  },
  'server errors': { aim: everything, parts: [broken(500), broken(500, { commit: true }), broken(503)] },
  'big batches time out': { aim: { ...writes, items_over: 10 }, parts: [broken(504, html)] },
  'too many requests': {
    aim: everything,
    parts: [broken(429), broken(429, html), broken(429, patience), broken(429, { ...html, ...patience })],
  },
  'cut answers': { aim: everything, parts: [{ effect: 'truncate' }] },
  'slow answers': { aim: everything, parts: [{ effect: 'delay', delay_ms: 5000 }] },
  'slow bodies': { aim: everything, parts: [{ effect: 'slow_body', body_ms: 5000 }] },
  'lost links': { aim: { method: 'POST', path: '/api/v4/*/link' }, parts: [{ effect: 'partial_link' }] },
  'signed out': { aim: everything, parts: [broken(401)] },
  unpaid: { aim: everything, parts: [broken(402)] },
  blocked: { aim: everything, parts: [broken(403, html)] },
}
