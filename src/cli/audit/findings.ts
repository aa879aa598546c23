import { isIP } from 'node:net'
import type { Facts } from './facts.ts'

/** Something that makes an installation less safe than it could be. Its text is `cli.audit.<code>`, what to do about it `cli.audit.<code>.mend`. */
export interface Finding {
  level: 'danger' | 'advice'
  code: string
  params: Record<string, string>
}

/** What an attacker would be glad of, the worst first. */
export function findWeaknesses(facts: Facts): Finding[] {
  const findings = [
    ...examineAddresses(facts),
    ...examineSecrets(facts),
    ...examineFiles(facts),
    ...examineDatabase(facts),
    ...examinePeople(facts),
    ...examineHabits(facts),
  ]
  return findings.toSorted((one, other) => rank(one) - rank(other))
}

function danger(code: string, params: Finding['params'] = {}): Finding {
  return { level: 'danger', code, params }
}

function advice(code: string, params: Finding['params'] = {}): Finding {
  return { level: 'advice', code, params }
}

function rank({ level }: Finding) {
  return level === 'danger' ? 0 : 1
}

function* examineAddresses({ config: { env, app, amo } }: Facts) {
  const { host } = app
  if (!isLoopback(host) && !host.startsWith('unix:'))
    yield env === 'local' ? danger('local_in_public', { host }) : advice('host_in_public', { host })
  if (app.https && app.trusted_proxies.length === 0) yield advice('no_proxy')
  for (const proxy of app.trusted_proxies) if (isEverybody(proxy)) yield danger('proxy_is_everybody', { proxy })
  if (env === 'local') return
  if (!app.https) yield danger('no_https')
  if (app.registration === 'open') yield danger('registration_open')
  if (amo.startSandbox) yield danger('sandbox_in_use')
}

function isLoopback(host: string) {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\./.test(host)
}

/** Whoever sends from less than eight fixed bits is the internet. */
function isEverybody(proxy: string) {
  const [address = '', range] = proxy.split('/')
  // All of IPv4 is but a part of IPv6.
  const begun = /^::ffff:/i.test(address) ? 96 : 0
  return isIP(address) !== 0 && range !== undefined && fixedBits(range) - begun < 8
}

/** @param range how many, or the mask that says which */
function fixedBits(range: string) {
  if (isIP(range) === 0) return Number(range)
  const bits = range.split('.').map((part) => Number(part).toString(2))
  return bits.join('').replaceAll('0', '').length
}

const longEnough = 24

function* examineSecrets({ config: { env, app, sources }, secretsInFiles }: Facts) {
  const { webhook_token: webhook, metrics_token: metrics } = app
  for (const [name, token] of Object.entries({ WEBHOOK_TOKEN: webhook, METRICS_TOKEN: metrics })) {
    if (token && isSimple(token)) yield danger('token_simple', { name })
    else if (token && token.length < longEnough) yield advice('token_short', { name, wanted: String(longEnough) })
  }
  if (webhook && webhook === metrics) yield danger('token_twice')
  if (isSimple(app.app_key, 16)) yield danger('app_key_simple')
  for (const { id, tokens, signingSecrets } of sources)
    if (tokens.length + signingSecrets.length === 0)
      yield env === 'local' ? advice('source_open', { source: id }) : danger('source_open', { source: id })
  if (env !== 'local') for (const key of secretsInFiles) yield advice('secret_in_file', { key })
  if (app.previous_app_keys.length > 0) yield advice('previous_keys')
}

/** `aaaaaaaa` is long, and no secret. */
function isSimple(secret: string, distinct = 8) {
  return new Set(secret).size < distinct
}

function* examineFiles({ files }: Facts) {
  for (const { path, isOpenToAll } of files) if (isOpenToAll) yield danger('file_open', { path })
  if (files.some(({ isData, ofRoot }) => isData && ofRoot)) yield advice('runs_as_root')
}

function* examineDatabase({ config: { app } }: Facts) {
  const [isMysql, credentials = '', hosts = ''] = /^mysql:\/\/(?:(.*)@)?([^/]*)/.exec(app.databaseUrl) ?? []
  if (!isMysql) return
  const [user, password = ''] = credentials.split(':')
  if (user === 'root') yield danger('database_root')
  if (password === '') yield danger('database_no_password')
  const elsewhere = hosts.split(',').filter((host) => !isLoopback(host.replace(/:\d+$/, '')))
  if (elsewhere.length > 0 && !/[?&]ssl=/.test(app.databaseUrl))
    yield advice('database_in_clear', { hosts: elsewhere.join(', ') })
}

function* examinePeople({ config: { users, roles }, guessable, openInvitations }: Facts) {
  for (const login of guessable) yield danger('password_guessable', { login })
  for (const { login, password } of users)
    if (password !== null && isCheap(password)) yield advice('password_cheap', { login })
  for (const { id, rights } of roles)
    if (id !== 'admin' && rights?.includes('people')) yield advice('role_powerful', { role: id })
  if (openInvitations.length > 0) yield advice('invitations_open', { logins: openInvitations.join(', ') })
}

/** KiB. Of OWASP: what argon2id has to take at least, or half of it in twice the passes. */
const leastMemory = 19456
const leastPasses = 2

function isCheap(password: string) {
  const [, memory, passes] = /\$m=(\d+),t=(\d+)/.exec(password) ?? []
  return Number(memory) * Number(passes) < leastMemory * leastPasses
}

/** Seconds. */
const longestSession = 30 * 24 * 60 * 60
/** Bytes. */
const largestBody = 16 * 1024 ** 2

function* examineHabits({ config: { env, app, alerts } }: Facts) {
  if (app.session_absolute > longestSession) yield advice('sessions_long')
  if (app.body_limit > largestBody) yield advice('bodies_large')
  if (env === 'local') return
  if (app.log_level === 'debug' || app.log_level === 'trace') yield advice('log_talkative', { level: app.log_level })
  if (Object.values(alerts.channels).every((channel) => channel === null)) yield advice('nobody_is_told')
}
