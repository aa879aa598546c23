import type { Router } from 'express'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import rolesFile from '../../config/roles.ts'
import { createLanguages } from '../../src/admin/language.ts'
import { createPages, pageRoutes } from '../../src/admin/pages.ts'
import { createRender } from '../../src/admin/views.ts'
import type { AmocrmClient } from '../../src/amocrm/client.ts'
import { createMirror } from '../../src/amocrm/mirror.ts'
import { createAccount } from '../../src/amocrm/open-account.ts'
import { accountSettingsOf, mirrorSettingsOf } from '../../src/config/account-settings.ts'
import { loadConfig } from '../../src/config/load.ts'
import { rightsOf } from '../../src/config/rights.ts'
import { rulesOf } from '../../src/config/rules.ts'
import { translateOf } from '../../src/config/translate.ts'
import { createInstances } from '../../src/database/instances.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createCheckups } from '../../src/doctor/checkups.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { createRuns } from '../../src/inbox/runs.ts'
import { createRefusedReader } from '../../src/intake/read-refused.ts'
import { createApiTokens } from '../../src/order-api/tokens.ts'
import { createApiUsers } from '../../src/order-api/users.ts'
import { createDirectory } from '../../src/people/directory.ts'
import { createFirstLink } from '../../src/people/first-link.ts'
import { createRehearsal } from '../../src/rehearsal.ts'
import { freshMariadb } from '../support/databases.ts'
import { addresses as table } from '../support/page-routes.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

/** The pages as the server makes them, from parts that ask nobody. */
async function makePages() {
  const config = await loadConfig({ ENV_TYPE: 'local', DATABASE_URL: 'sqlite::memory:' })
  const database = openDatabase(config.app.databaseUrl)
  onTestFinished(() => database.close())
  const { db } = database
  const now = Date.now
  const log = pino({ level: 'silent' })
  const { amocrm, traffic } = createAccount(accountSettingsOf(config), { db, stop: new AbortController().signal, now })
  const rules = rulesOf(config, translateOf(config))
  const mirrorOf = async (client: AmocrmClient) => createMirror({ ...mirrorSettingsOf(config), client, db, now })
  const checkups = createCheckups({ config, rules, db, amocrm, mirrorOf, serverTroubles: async () => [], log, now })
  const admitting = createRefusedReader({ sources: config.sources, dedupeWindow: 0, bodyLimit: config.app.body_limit })
  const inbox = createInbox(database, now)
  const runs = createRuns({ db, inbox, account: config.amo.domain, admitting, now })
  const instances = createInstances({ db, host: inbox.host, version: '1', settings: () => '', traffic, now })
  const { client } = amocrm
  const mirror = await mirrorOf(client)
  const rehearsal = createRehearsal({ config, rules, client, mirror })
  const firstLink = createFirstLink({ config, db, directory: createDirectory({ config, db, now }), now })
  const alerts = {
    standings: async () => [],
    messages: async () => [],
    recipients: () => [],
    settings: () => ({ ...config.alerts, appName: '' }),
  }
  const upkeep = {
    reload: async () => ({ faults: [], needsRestart: [] }),
    clearCaches: async () => {},
  }
  const options = {
    alerts,
    upkeep,
    crashes: { recent: () => [] },
    retention: { standing: async () => ({ tasks: [], ranAt: null, isRunning: false, daysAhead: 0 }) },
    firstLink,
    config,
    database,
    inbox,
    admitting,
    runs,
    amocrm,
    checkups,
    log,
    channels: { auth: log },
    now,
    instances,
    rehearsal,
    mirror,
    rules,
    orderApi: { users: createApiUsers(db, now), tokens: createApiTokens(db, now) },
  }
  const languages = createLanguages(config)
  return {
    router: createPages(options),
    routes: pageRoutes({ ...options, languages, render: createRender(config, languages) }),
  }
}

/** Method and path of all that stands in the router. */
function addressesOf({ stack }: Router): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route)
      return Object.keys('methods' in route ? (route.methods as object) : {}).map((method) => `${method} ${route.path}`)
    return 'stack' in handle ? addressesOf(handle as unknown as Router) : []
  })
}

describe('the table of routes', () => {
  it('is what the router itself holds', async () => {
    const { router, routes } = await makePages()
    const access = routes.map((route) => [route.method, route.path, route.access].join(' '))
    expect(access.toSorted()).toEqual(table.map((line) => line.join(' ')).toSorted())
    const addresses = table.map(([method, path]) => `${method} ${path}`)
    expect(addressesOf(router).toSorted()).toEqual(addresses.toSorted())
  })
})

describe('every route', () => {
  const roles = ['admin', 'operator', 'viewer']
  const visitors = new Map<string, ReturnType<typeof createVisitor>>()
  const tokens = new Map<string, string>()
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeAll(async () => {
    const users = roles.map((role) => ({ login: `the-${role}`, roles: [role] }))
    parom = await startParom({ databaseUrl: await freshMariadb(), users })
    for (const {
      login,
      roles: [role = ''],
    } of users) {
      const visitor = createVisitor(parom.url)
      await visitor.signIn(login, `${login}-password`)
      visitors.set(role, visitor)
      tokens.set(role, formWith('_csrf', /./, (await visitor.visit('/app/transactions')).text)['_csrf'] ?? '')
    }
  })
  afterAll(() => parom.close())

  const rightsOfRole = (role: string) => rightsOf([role], rolesFile)
  const isOpen = (access: string) => access === 'anyone' || access === 'user'
  const filledIn = (path: string) => path.replace(/:\w+/g, '01890000-0000-7000-8000-000000000000')

  it.each(table.filter(([, , access]) => access !== 'anyone'))(
    '%s %s asks strangers to sign in',
    async (method, path) => {
      const stranger = createVisitor(parom.url)
      const { status, location } = await stranger.visit(filledIn(path), { method })
      expect([status, location]).toEqual([302, expect.stringMatching(/^\/login\?return_page=/)])
      const { status: forScripts } = await stranger.visit(filledIn(path), {
        method,
        headers: { accept: 'application/json' },
      })
      expect(forScripts).toBe(401)
    },
  )

  it.each(table.filter(([, , access]) => !isOpen(access)))(
    '%s %s is for who has the right alone',
    async (method, path, access) => {
      for (const role of roles) {
        const visitor = visitors.get(role) ?? expect.fail()
        const isAllowed = rightsOfRole(role).some((right) => right === access)
        if (method === 'post' && isAllowed) continue
        const { status } =
          method === 'get'
            ? await visitor.visit(filledIn(path))
            : await visitor.submit(filledIn(path), { _csrf: tokens.get(role) ?? '' })
        if (isAllowed) expect([200, 302, 303, 404], role).toContain(status)
        else expect(status, role).toBe(403)
      }
    },
  )

  it.each(table.filter(([, path]) => path.includes(':')))(
    '%s %s is not found of what no id can be',
    async (method, path) => {
      const admin = visitors.get('admin') ?? expect.fail()
      const odd = path.replace(/:\w+/g, encodeURIComponent("ы'"))
      const { status } =
        method === 'get' ? await admin.visit(odd) : await admin.submit(odd, { _csrf: tokens.get('admin') ?? '' })
      expect(status).toBe(404)
    },
  )

  it.each(table.filter(([method]) => method === 'post'))(
    '%s %s takes no form of another session',
    async (_method, path) => {
      const visitor = visitors.get('admin') ?? expect.fail()
      for (const form of [{}, { _csrf: '' }, { _csrf: tokens.get('viewer') ?? '' }]) {
        const { status } = await visitor.submit(filledIn(path), form)
        // A link that invites nobody is refused before its form is looked at.
        expect(status).toBe(path.startsWith('/invitations/') ? 404 : 403)
      }
    },
  )

  it.each(table.filter(([method, , access]) => method === 'post' && access !== 'anyone'))(
    '%s %s stands a form that holds nothing of what it asks for',
    async (_method, path) => {
      const admin = createVisitor(parom.url)
      // Some of them sign everybody out.
      await admin.signIn('the-admin', 'the-admin-password')
      const { _csrf = '' } = formWith('_csrf', /./, (await admin.visit('/app/transactions')).text)
      const empty = await admin.submit(filledIn(path), { _csrf })
      expect(empty.status).toBeLessThan(500)
    },
  )
})
