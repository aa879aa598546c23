import type { Request } from 'express'
import type { Translate } from '../config/translate.ts'
import type { ApiTokens } from '../order-api/tokens.ts'
import type { ApiUser, ApiUsers } from '../order-api/users.ts'
import { linkMs } from '../people/links.ts'
import { jsonAsCurl } from './curl.ts'
import type { Languages } from './language.ts'

interface SecretsOptions {
  orderApi: { users: ApiUsers; tokens: ApiTokens }
  /** Address of the installation, with its folder. */
  baseOf: (req: Request) => string
  languages: Languages
  /** Unix ms. */
  now: () => number
}

/** What a page shows once, each with a command to try it. */
export interface Secrets {
  token?: { id: number; text: string; curl: string }
  invitation?: { code: string; until: number; curl: string }
}

const day = 24 * 60 * 60_000

/** Tokens and codes of the order API, made for people to hand on. */
export function createSecrets({ orderApi, baseOf, languages, now }: SecretsOptions) {
  async function issueToken(req: Request, source: string) {
    const text = await orderApi.tokens.issue(source, req.user?.login ?? '')
    const order = exampleOrder(languages.translateFor(req), now() + day)
    const id = Number(text.split('|')[0])
    return { id, text, curl: jsonAsCurl(`${baseOf(req)}/api/create-order`, order, text) }
  }

  async function invite(req: Request, { source, name, email }: ApiUser) {
    const code = await orderApi.users.invite(source)
    const password = languages.translateFor(req)('sources.example.password')
    const body = { name, email, password, password_confirmation: password, invitation: code }
    return { code, until: now() + linkMs, curl: jsonAsCurl(`${baseOf(req)}/api/register`, body) }
  }

  return { issueToken, invite }
}

/** The least that makes an order. @param wantedAt unix ms */
export function exampleOrder(translate: Translate, wantedAt: number) {
  return {
    name: translate('sources.example.buyer'),
    email: 'buyer@example.ru',
    phone: '+7 912 000-00-00',
    deliveryType: 'pickup',
    paymentOption: 1,
    desiredDeliveryDate: Math.floor(wantedAt / 1000),
    desiredDeliveryInterval: translate('sources.example.interval'),
    totalWeight: 0.5,
    totalVolume: 0.001,
    items: [
      { productId: 1, itemId: 1, name: translate('sources.example.product'), price: 100, quantity: 1, status: 3 },
    ],
  }
}
