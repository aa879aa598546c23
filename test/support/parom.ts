import { hash } from '@node-rs/argon2'
import { type Logger, pino } from 'pino'
import { expect, vi } from 'vitest'
import { alertsConfigSchema } from '../../src/config/alert-schema.ts'
import { deriveAlerts } from '../../src/config/alerts.ts'
import { type Config, loadConfig, loadConfigAnew } from '../../src/config/load.ts'
import { rightsOf } from '../../src/config/rights.ts'
import type { AlertsConfig, SourcesConfig } from '../../src/config/schema.ts'
import { sourcesConfigSchema } from '../../src/config/source-schema.ts'
import { deriveSources } from '../../src/config/sources.ts'
import type { FieldReference } from '../../src/mapping/amo-fields.mapper.ts'
import type { Form } from '../../src/mapping/form.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { startServer } from '../../src/server.ts'
import { inHaste } from './amocrm.ts'

/** Time that runs, and can be moved on by hand. */
export function createClock() {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    advance: (ms: number) => {
      ahead += ms
    },
  }
}

export interface ParomOptions {
  databaseUrl: string
  /** Variables over those of a `local` installation. */
  env?: Record<string, string>
  /** What differs from the default form of request.mapper. */
  form?: Partial<Form>
  /** Forms beside those of request.mapper. */
  forms?: Record<string, Form>
  amoFields?: Record<string, FieldReference>
  /** As sources.config has them. */
  sources?: SourcesConfig
  /** Who may register for the order API. */
  registration?: Config['app']['registration']
  trustedProxies?: string[]
  /** As alerts.config has them. */
  alerts?: AlertsConfig
  /** People beside those of users.ts; each one's password is his login and `-password`. */
  users?: { login: string; roles: string[] }[]
  /** People in place of those of users.ts. */
  onlyUsers?: Config['users']
  clock?: ReturnType<typeof createClock>
  sandbox?: Awaited<ReturnType<typeof startTestSandbox>>
  log?: Logger
  /** Whether it checks its settings at the start and every night, as one that ships does. */
  checksItself?: boolean
  /** Whether it asks the CRM no oftener than one that ships. */
  atPace?: boolean
  /** Ms that a database out of reach is waited for. */
  databasePatience?: number
  /** When aborted, it starts no further. */
  signal?: AbortSignal
}

/** A sandbox, and questions to it by its public addresses. */
export async function startTestSandbox() {
  const sandbox = await startSandbox({ port: 0 })
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${sandbox.url}/__sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  await post('settings', { rate_limit: null })
  return {
    url: sandbox.url,
    close: () => sandbox.close(),
    credentials: () => readJson(`${sandbox.url}/__sandbox/credentials`),
    state: () => readJson(`${sandbox.url}/__sandbox/state`),
    requests: async () =>
      (await readJson(`${sandbox.url}/__sandbox/journal`)).requests as {
        method: string
        path: string
        status: number
        time: string
        request_id: string
        fault?: string
      }[],
    /** Until the CRM is asked to write something about leads, or the signal says that it is enough. */
    nextWrite: (signal: AbortSignal) => untilArrived(sandbox.url, /"method":"POST","path":"\/api\/v4\/leads/, signal),
    /** One of them with its bodies. */
    exchange: async (requestId: string) =>
      (await readJson(`${sandbox.url}/__sandbox/journal/${requestId}`)) as Record<
        'request' | 'answer',
        { body: string }
      >,
    faults: (faults: object[]) => post('faults', faults),
    /** Deletes something, as a person does in the CRM. */
    async remove(kind: string, id: number) {
      const state = await readJson(`${sandbox.url}/__sandbox/state`)
      await post('reset', { ...state, [kind]: state[kind].filter((item: { id: number }) => item.id !== id) })
      await post('settings', { rate_limit: null })
    },
    /** Starts anew with these entities in place of the usual ones. */
    async seed(seed: object) {
      await post('reset', seed)
      await post('settings', { rate_limit: null })
    },
    /** Deletes or restores something, as a person does in the CRM, who then tells its webhooks. */
    trash: (entity: string, id: number) => post('delete', { entity, id }),
    restore: (entity: string, id: number) => post('restore', { entity, id }),
    settings: (settings: object) => post('settings', settings),
    advance: (ms: number) => post('clock', { advance_ms: ms }),
    /** Switches the integration off, as a person does in the CRM. */
    disconnect: () => post('disconnect', {}),
  }
}

/** The server that ships, on a port of its own, with a sandbox as its amoCRM. */
export async function startParom(options: ParomOptions) {
  const { databaseUrl, env = {}, clock = createClock(), sandbox } = options
  const crm = sandbox ?? (await startTestSandbox())
  const variables = {
    ENV_TYPE: 'local',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    AMO_BASE_URL: crm.url,
    AMO_ACCESS_TOKEN: (await crm.credentials()).access_token,
    LOG_LEVEL: 'silent',
    STATE_DIRECTORY: '/nonexistent',
    ...env,
  }
  const loaded = await loadConfig(variables)
  const people = await peopleOf(loaded, options.users)
  const server = await startServer(withOptions(loaded, options, people), {
    log: options.log ?? pino({ level: 'silent' }),
    now: clock.now,
    random: () => 0.5,
    crm: { timeoutMs: 2000, ...(options.atPace ? {} : { requestsPerSecond: inHaste }) },
    checksItself: options.checksItself ?? false,
    databasePatience: options.databasePatience ?? 0,
    ...(options.signal ? { signal: options.signal } : {}),
    loadAnew: async () => withOptions(await loadConfigAnew(variables), options, people),
  })

  return {
    url: server.url,
    inbox: server.inbox,
    moved: server.moved,
    firstLinkPath: server.firstLinkPath,
    sandbox: crm,
    clock,
    /** Moves time on and lets the worker see it. */
    advance(ms: number) {
      clock.advance(ms)
      server.wake()
    },
    post: (body: string | Buffer, headers: Record<string, string> = {}) => postOrder(server.url, body, headers),
    /** Fulfilled once the message has the state. */
    async reaches(id: string, state: string) {
      await vi.waitFor(async () => expect(await server.inbox.find(id)).toMatchObject({ state }), {
        timeout: 15_000,
        interval: 25,
      })
      const message = await server.inbox.find(id)
      if (!message) throw new Error(`no message ${id}`)
      return message
    },
    async close() {
      await server.close()
      if (!sandbox) await crm.close()
    },
  }
}

function withOptions(config: Config, options: ParomOptions, people: Config['users']): Config {
  const { forms } = config.requestMapper
  const changed = { ...forms, ...options.forms, default: { ...(forms['default'] as Form), ...options.form } }
  const { timeZone } = config.app
  return {
    ...config,
    app: {
      ...config.app,
      registration: options.registration ?? config.app.registration,
      trusted_proxies: options.trustedProxies ?? config.app.trusted_proxies,
    },
    ...(options.sources ? withSources(options.sources, config) : {}),
    ...(options.alerts
      ? { alerts: deriveAlerts(alertsConfigSchema.parse(options.alerts), { timeZone, variables: {} }) }
      : {}),
    amoFields: { ...config.amoFields, ...options.amoFields },
    requestMapper: { forms: changed },
    users: options.onlyUsers ?? [...config.users, ...people],
  }
}

function peopleOf({ roles }: Config, added: { login: string; roles: string[] }[] = []) {
  return Promise.all(
    added.map(async (person) => ({
      ...person,
      name: person.login,
      password: await hash(`${person.login}-password`),
      rights: rightsOf(person.roles, roles),
    })),
  )
}

function withSources(settings: SourcesConfig, { app }: Config): Pick<Config, 'sources' | 'rateLimit'> {
  const read = sourcesConfigSchema.parse(settings)
  const defaults = { webhookToken: app.webhook_token ?? null, dedupeWindow: app.dedupe_window, variables: {} }
  return { sources: deriveSources(read, defaults), rateLimit: read.rate_limit ?? null }
}

export async function postOrder(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/api/order/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as {
      status: number
      id: string
      duplicate?: boolean
      error?: string
      message?: string
    },
  }
}

async function untilArrived(url: string, wanted: RegExp, signal: AbortSignal) {
  try {
    const { body } = await fetch(`${url}/__sandbox/journal/stream`, { signal })
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? [])
      if (text.includes('event: arrived') && wanted.test(text)) return
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function readJson(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: what the sandbox answers is looked at by the tests themselves
  return (await (await fetch(url)).json()) as any
}
