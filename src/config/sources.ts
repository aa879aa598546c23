import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { Variables } from './reader.ts'
import { plainLk, type SourceSettings, signingKey, type sourcesConfigSchema, variableOf } from './source-schema.ts'

interface Defaults {
  webhookToken: string | null
  /** Seconds. */
  dedupeWindow: number
  variables: Variables
}

/** Who may send orders, once everything has been checked. `lk` is always there, and WEBHOOK_TOKEN is one of its tokens. */
export function deriveSources({ sources }: z.output<typeof sourcesConfigSchema>, defaults: Defaults) {
  const all = sources.some(({ id }) => id === 'lk') ? sources : [plainLk, ...sources]
  return all.map((settings) => deriveSource(settings, defaults))
}

function deriveSource(settings: SourceSettings, { webhookToken, dedupeWindow, variables }: Defaults) {
  const { id, form, dedupe, rate_limit } = settings
  const secrets = settings.signing_secrets.map((secret) => variables[variableOf(secret) ?? ''] ?? secret)
  const tokens = settings.tokens.map((token) => Buffer.from(token.slice('sha256:'.length), 'base64url'))
  return {
    id,
    tokens: id === 'lk' && webhookToken !== null ? [...tokens, digest(webhookToken)] : tokens,
    signingSecrets: secrets.map((secret) => signingKey(secret.trim())),
    allowedAddresses: settings.allowed_addresses,
    answer: settings.answer ? answerOf(settings.answer) : null,
    rateLimit: rate_limit ?? null,
    dedupeBy: dedupe.by.map((place) =>
      'header' in place
        ? { in: 'header' as const, name: place.header.toLowerCase() }
        : { in: 'field' as const, name: place.field },
    ),
    dedupeWindow: (dedupe.window ?? dedupeWindow) * 1000,
    /** The form of request.mapper for its orders that name none; null: whichever is for the source. */
    form: form ?? null,
  }
}

function answerOf({ status, body, content_type }: NonNullable<SourceSettings['answer']>) {
  const isText = typeof body === 'string'
  return {
    status,
    contentType: content_type ?? (isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'),
    body: isText ? body : JSON.stringify(body),
  }
}

/** As `tokens` in sources.config has it. */
export function hashToken(token: string) {
  return `sha256:${digest(token).toString('base64url')}`
}

function digest(token: string) {
  return createHash('sha256').update(token).digest()
}
