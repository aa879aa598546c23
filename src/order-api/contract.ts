import type { z } from 'zod'
import { changePasswordSchema, loginSchema, registerSchema } from './account-schemas.ts'
import {
  type Answer,
  notChanged,
  notSignedIn,
  notSignedOut,
  notSignedUp,
  orderCreated,
  orderRefused,
  passwordChanged,
  signedIn,
  signedOut,
  signedUp,
  state,
  unauthenticated,
  wrongMethod,
} from './answers.ts'
import { exampleBuyClick, exampleCallback, exampleOrder, examplePassword, exampleUser } from './example-bodies.ts'
import { buyClickSchema, callbackSchema, createOrderSchema, neededFor } from './order-schemas.ts'

/** What one address of the order API takes and answers. */
export interface Operation {
  /** Its texts are called after it. */
  name: string
  method: 'get' | 'post'
  /** Below BASE_PATH. */
  path: string
  group: 'orders' | 'account' | 'check'
  token: 'needed' | 'optional' | 'none'
  body: Body | null
  answers: Answer[]
}

interface Body {
  /** In the OpenAPI document. */
  name: string
  schema: z.ZodObject
  example: Record<string, unknown>
  demands: readonly Demand[]
}

/** What is needed besides what always is: fields by their paths, `items[].price`. */
export type Demand =
  | { field: string; is: string; needs: readonly string[] }
  /** One of them is enough. */
  | { anyOf: readonly string[] }

/** Changes when the API does. */
export const contractVersion = '1.0.0'

/** What the order API is: its page and its OpenAPI document are made of this table, and its routes are tried against it. */
export const operations: readonly Operation[] = [
  order('create-order', {
    name: 'CreateOrder',
    schema: createOrderSchema,
    example: exampleOrder,
    demands: Object.entries(neededFor).map(([is, needs]) => ({ field: 'deliveryType', is, needs })),
  }),
  order('buy-click', {
    name: 'BuyClick',
    schema: buyClickSchema,
    example: exampleBuyClick,
    demands: [{ anyOf: ['phone', 'email'] }],
  }),
  order('callback', { name: 'Callback', schema: callbackSchema, example: exampleCallback, demands: [] }),
  account('register', {
    body: { name: 'Register', schema: registerSchema, example: exampleUser, demands: [] },
    answers: [signedUp, ...notSignedUp],
  }),
  account('login', {
    body: { name: 'Login', schema: loginSchema, example: pick(exampleUser, ['email', 'password']), demands: [] },
    answers: [signedIn, ...notSignedIn],
  }),
  account('change-password', {
    token: 'needed',
    body: { name: 'ChangePassword', schema: changePasswordSchema, example: examplePassword, demands: [] },
    answers: [passwordChanged, unauthenticated, ...notChanged],
  }),
  account('logout', { token: 'needed', answers: [signedOut, unauthenticated, ...notSignedOut] }),
  {
    name: 'test',
    method: 'get',
    path: '/api/test',
    group: 'check',
    token: 'optional',
    body: null,
    answers: [state, wrongMethod],
  },
]

function order(name: string, body: Body): Operation {
  const answers = [orderCreated, unauthenticated, ...orderRefused]
  return { name, method: 'post', path: `/api/${name}`, group: 'orders', token: 'needed', body, answers }
}

function account(
  name: string,
  { token = 'none', body = null, answers }: Pick<Operation, 'answers'> & Partial<Pick<Operation, 'token' | 'body'>>,
): Operation {
  return { name, method: 'post', path: `/api/${name}`, group: 'account', token, body, answers }
}

function pick(all: Record<string, unknown>, names: string[]) {
  return Object.fromEntries(names.map((name) => [name, all[name]]))
}
