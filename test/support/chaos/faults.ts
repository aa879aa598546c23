interface Fault {
  /** How often it comes, against the others. */
  weight: number
  /** Whether nobody can tell from outside that nothing was written. */
  isRiddle?: boolean
  effect: object
}

const gateway = { effect: 'status', html: true }
/** The usual 429 asks for five minutes, in which nothing would happen. */
const kinds: Fault[] = [
  { weight: 5, effect: { effect: 'lost_answer' } },
  { weight: 3, effect: { effect: 'drop' }, isRiddle: true },
  { weight: 2, effect: { ...gateway, status: 502 }, isRiddle: true },
  { weight: 2, effect: { ...gateway, status: 502, commit: true } },
  { weight: 2, effect: { ...gateway, status: 504 }, isRiddle: true },
  { weight: 2, effect: { ...gateway, status: 504, commit: true } },
  { weight: 2, effect: { effect: 'truncate' } },
  { weight: 1, effect: { effect: 'status', status: 429, html: true } },
  { weight: 1, effect: { effect: 'status', status: 429, body: { title: 'Too Many Requests', status: 429 } } },
]

/** The CRM takes its time: somebody may die between a request and its answer. */
export const answerDelayMs = 60

interface FaultsOptions {
  /** How many of the requests meet a fault, 0 to 1. */
  share: number
  seed: number
  /** Spares creates of leads the faults after which a sender has to wait before it sends anything again. */
  isHasty?: boolean
}

/** Everything that happens to requests to the CRM, in the words of the sandbox; what meets no fault is answered late. */
export function chaosFaults({ share, seed, isHasty = false }: FaultsOptions): object[] {
  const create = { method: 'POST', path: '/api/v4/leads' }
  const hasty = kinds.filter(({ isRiddle }) => !isRiddle)
  return [
    ...(isHasty ? faultsFor(create, hasty, share, seed) : []),
    ...faultsFor({ path: '/api/v4/*' }, kinds, share, seed + 50),
  ]
}

/** The first fault of the list that strikes is the only one, so each is made as much likelier as it is seldom reached. */
function faultsFor(aim: object, some: Fault[], share: number, seed: number) {
  const total = some.reduce((sum, { weight }) => sum + weight, 0)
  let before = 0
  const faults = some.map(({ weight, effect }, index) => {
    const part = (share * weight) / total
    const probability = part / (1 - before)
    before += part
    return { ...aim, ...effect, probability, seed: seed + index }
  })
  return [...faults, { ...aim, effect: 'delay', delay_ms: answerDelayMs }]
}
