import { z } from 'zod'
import { webAddress } from '../control/settings.ts'
import type { Integration } from '../store/access-entities.ts'
import { type Integrations, integrationShape, scopeShape } from './integrations.ts'

/** What a consent page was opened for. */
export interface ConsentRequest {
  integration: Integration
  /** Of an external integration: it comes to be when access is granted, and learns its secret here. */
  secrets_uri: string | null
  state: string | undefined
  mode: 'popup' | 'post_message' | undefined
  /** The page that opened this one wants to hear of a refusal itself. */
  hears_refusal: boolean
}

/** Why there is nothing to consent to, as a person is told. */
export class UnclearConsent extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'UnclearConsent'
    this.status = status
  }
}

const oneText = z.string().optional().catch(undefined)

const askedShape = z.object({
  client_id: oneText,
  state: oneText,
  mode: z.enum(['popup', 'post_message']).optional().catch(undefined),
  error_callback: oneText,
})

const externalShape = z.object({
  name: z.string().trim().min(1),
  description: z.string().default(''),
  redirect_uri: webAddress,
  secrets_uri: webAddress,
  logo: z
    .literal('')
    .transform(() => null)
    .or(webAddress)
    .optional(),
  scopes: z.string().default('crm').transform(words).pipe(z.array(scopeShape).min(1)),
})

/** Reads the address of a consent page; what OAuth libraries add to it on their own is passed over. */
export function readConsentRequest(integrations: Integrations, query: unknown): ConsentRequest {
  const { client_id, state, mode, error_callback } = askedShape.parse(query)
  const rest = { state, mode, hears_refusal: error_callback === '1' }
  if (client_id === undefined) return { ...readExternal(query), ...rest }
  const integration = integrations.find(client_id)
  if (!integration) throw new UnclearConsent(404, `Интеграции с идентификатором «${client_id}» нет в этом аккаунте.`)
  return { integration, secrets_uri: null, ...rest }
}

function readExternal(query: unknown) {
  const parsed = externalShape.safeParse(query)
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))].join(', ')
    throw new UnclearConsent(
      400,
      `В адресе нет параметра client_id, а для внешней интеграции не указаны или неверны: ${names}.`,
    )
  }
  const { secrets_uri, ...described } = parsed.data
  const { client_id: id, ...integration } = integrationShape.parse({ ...described, kind: 'external' })
  return { secrets_uri, integration: { id, ...integration } }
}

function words(text: string) {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
}
