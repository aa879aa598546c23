import { z } from 'zod'
import type { Translate } from '../config/translate.ts'

/** One of the things that an operation may answer. */
export interface Answer {
  /** In the OpenAPI document; its text is called after it. */
  name: string
  status: number
  schema: z.ZodObject
  example: (t: Translate) => Record<string, unknown>
  /** Headers that it bears, or may bear. */
  headers?: Record<string, 'always' | 'sometimes'>
}

const token = z.string().regex(/^\d+\|[\w-]{40}$/)
const code = z.string().regex(/^[A-Z]{2}\d{4}-\d{5,}$/)
/** One text, or a list of several. */
const message = z.union([z.string().min(1), z.array(z.string().min(1)).min(2)])

const exampleToken = `7|${'Ab3dE'.repeat(8)}`
const exampleCode = 'RO0000-00042'

const yes = z.literal(true)
const no = z.literal(false)

export const orderCreated: Answer = {
  name: 'OrderCreated',
  status: 201,
  schema: z.strictObject({ OrderCreated: yes, OrderCode: code, orderCode: code }),
  example: () => ({ OrderCreated: true, OrderCode: exampleCode, orderCode: exampleCode }),
}

export const unauthenticated: Answer = {
  name: 'Unauthenticated',
  status: 400,
  schema: z.strictObject({ message: z.literal('Unauthenticated') }),
  example: () => ({ message: 'Unauthenticated' }),
}

export const orderRefused = refusals('Order', 'signedIn', (t) => [
  t('api.problem', { field: 'address.city', expected: t('api.expected.for_address') }),
  t('api.problem', { field: 'items[0].quantity', expected: t('api.expected.quantity') }),
])

export const signedUp = withToken('SignedUp', 'signedUp')
export const notSignedUp = refusals('SignUp', 'signedUp', (t) => t('api.account.taken'))

export const signedIn = withToken('SignedIn', 'signedIn')
export const notSignedIn = refusals('SignIn', 'signedIn', (t) => t('api.account.wrong'))

export const passwordChanged = withToken('PasswordChanged', 'passwordChanged')
export const notChanged = refusals('Change', 'passwordChanged', (t) => t('api.account.old_password_wrong'))

export const signedOut: Answer = {
  name: 'SignedOut',
  status: 200,
  schema: z.strictObject({ signedOut: yes }),
  example: () => ({ signedOut: true }),
}
export const notSignedOut = mishaps('SignOut', 'signedOut')

export const state: Answer = {
  name: 'State',
  status: 200,
  schema: z.strictObject({
    isAuthenticated: z.boolean(),
    serviceAvailable: z.boolean(),
    onlineRegistrationAvailable: z.boolean(),
  }),
  example: () => ({ isAuthenticated: true, serviceAvailable: true, onlineRegistrationAvailable: false }),
}

function withToken(name: string, flag: string): Answer {
  return {
    name,
    status: 201,
    schema: z.strictObject({ [flag]: yes, token }),
    example: () => ({ [flag]: true, token: exampleToken }),
  }
}

export const wrongMethod: Answer = {
  name: 'WrongMethod',
  status: 405,
  schema: z.strictObject({ message: z.string().min(1) }),
  example: (t) => ({ message: t('api.only_get') }),
  headers: { Allow: 'always' },
}

/** Whatever the status, refusals of one operation look the same. @param example what it may say */
function refusals(name: string, flag: string, example: (t: Translate) => string | string[]): Answer[] {
  const refused: Answer = {
    ...refusal(`${name}Refused`, flag, example),
    status: 400,
    headers: { 'Retry-After': 'sometimes' },
  }
  return [refused, ...mishaps(name, flag)]
}

/** Which are nobody's fault, or that of a program. */
function mishaps(name: string, flag: string): Answer[] {
  return [
    {
      ...refusal(`${name}Method`, flag, (t) => t('intake.method_not_allowed')),
      status: 405,
      headers: { Allow: 'always' },
    },
    {
      ...refusal(`${name}Unavailable`, flag, (t) => t('intake.store_unavailable', { seconds: 5 })),
      status: 503,
      headers: { 'Retry-After': 'always' },
    },
  ]
}

function refusal(name: string, flag: string, example: (t: Translate) => string | string[]) {
  const schema = z.strictObject({ [flag]: no, message })
  return { name, schema, example: (t: Translate) => ({ [flag]: false, message: example(t) }) }
}
