import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAuditLog } from '../../src/admin/audit-log.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'
import { contentOf, join, send, signedIn } from '../support/people.ts'
import { createVisitor } from '../support/visitor.ts'

const day = 24 * 3600_000

interface Entry {
  id: string
  at: string
  login: string
  action: string
  target: string | null
  address: string
  changes: { name: string | null; was: string | null; became: string | null }[]
}

onEachDatabase('the audit log', (database) => {
  const clock = createClock()
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Database
  let boss: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, clock, users: [{ login: 'nina', roles: ['operator'] }] })
    opened = openDatabase(databaseUrl)
    boss = await signedIn(parom.url)
  })
  afterAll(async () => {
    await opened.close()
    await parom.close()
  })

  const read = async (search = '') => {
    const { text } = await boss.visit(`/app/audit${search}`, { headers: { accept: 'application/json' } })
    return JSON.parse(text) as { entries: Entry[]; next: string | null }
  }
  const actions = (entries: Entry[]) => entries.map(({ login, action, target }) => [login, action, target])

  it('keeps who came, who tried to, and what was changed of people, the newest first', async () => {
    const olga = await join(parom.url, boss, 'olga', 'viewer')
    await createVisitor(parom.url).signIn('olga', 'wrong')
    await createVisitor(parom.url).signIn('my-secret-password', 'olga')
    await send(boss, '/app/people/olga', { what: 'roles', roles: 'operator' })
    await olga.signIn('olga', 'correct horse battery')
    await olga.signOut()
    await send(boss, '/app/people/olga', { what: 'link' })
    await send(boss, '/app/people/olga', { what: 'close' })
    await send(boss, '/app/people/olga', { what: 'reopen' })
    const { entries } = await read()
    expect(actions(entries)).toEqual([
      ['admin', 'person_reopened', 'olga'],
      ['admin', 'person_removed', 'olga'],
      ['admin', 'password_reset', 'olga'],
      ['olga', 'signed_out', null],
      ['olga', 'signed_in', null],
      ['admin', 'person_changed', 'olga'],
      ['', 'sign_in_failed', null],
      ['olga', 'sign_in_failed', null],
      ['olga', 'signed_in', null],
      ['olga', 'password_set', 'olga'],
      ['admin', 'person_invited', 'olga'],
      ['admin', 'signed_in', null],
    ])
    expect(entries[5]?.changes).toEqual([{ name: 'roles', was: 'viewer', became: 'operator' }])
    expect(new Set(entries.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']))

    const html = contentOf((await boss.visit('/app/audit')).text)
    expect(html).toMatch(
      /изменил права: <a href="\/app\/people\/olga">olga<\/a>[\s\S]*<del>viewer<\/del>[\s\S]*operator/,
    )
    expect(html).toContain('неизвестный')
    const stored = JSON.stringify(await opened.db.selectFrom('audit').selectAll().execute())
    expect(stored).not.toMatch(/my-secret-password|correct horse/)
  })

  it('keeps ended sessions', async () => {
    await signedIn(parom.url)
    await send(boss, '/app/sessions', { others: '1' })
    await send(boss, '/api/auth_session/clear', {})
    boss = await signedIn(parom.url)
    await send(boss, '/api/session/clear', {})
    boss = await signedIn(parom.url)
    const { entries } = await read()
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['sessions_reset', 'everybody_signed_out', 'session_ended']),
    )
  })

  it('is filtered by who, what and when, in the address', async () => {
    expect(new Set(actions((await read('?login=olga')).entries).map(([login]) => login))).toEqual(new Set(['olga']))
    const failed = (await read('?action=sign_in_failed&login=olga')).entries
    expect(actions(failed)).toEqual([['olga', 'sign_in_failed', null]])
    expect((await read('?target=olga&action=person_removed')).entries).toHaveLength(1)
    expect((await read('?login=nobody')).entries).toEqual([])
    // Nonsense filters nothing.
    expect((await read('?action=nonsense&from=yesterday')).entries.length).toBeGreaterThan(10)

    const dateOf = (ms: number) => new Date(ms).toLocaleDateString('sv')
    const before = clock.now()
    clock.advance(3 * day)
    boss = await signedIn(parom.url)
    const later = (await read(`?from=${dateOf(clock.now())}`)).entries
    expect(actions(later)).toEqual([['admin', 'signed_in', null]])
    const earlier = (await read(`?to=${dateOf(before)}`)).entries
    expect(earlier.length).toBeGreaterThan(10)
    expect(earlier.some(({ id }) => id === later[0]?.id)).toBe(false)
    const { text } = await boss.visit(`/app/audit?action=person_invited&from=${dateOf(before - day)}`)
    expect(text).toContain('<option value="person_invited" selected>')
  })

  it('is paged by a cursor that new records do not shift', async () => {
    const at = clock.now()
    const row = { at, address: null, action: 'exported', target: null, was: null, became: null, login: 'pager' }
    const rows = Array.from({ length: 120 }, (_, number) => ({
      ...row,
      id: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`,
    }))
    await opened.db.insertInto('audit').values(rows).execute()
    const first = await read('?login=pager')
    await opened.db
      .insertInto('audit')
      .values({ ...row, id: '00000000-0000-7000-8000-999999999999' })
      .execute()
    const second = await read(first.next?.slice('/app/audit'.length))
    const third = await read(second.next?.slice('/app/audit'.length))
    expect([first, second, third].map(({ entries }) => entries.length)).toEqual([50, 50, 20])
    expect(third.next).toBeNull()
    const ids = [first, second, third].flatMap(({ entries }) => entries.map(({ id }) => id))
    expect(ids).toEqual(rows.map(({ id }) => id).toReversed())
  })

  it('is exported as a table that no spreadsheet runs', async () => {
    await opened.db
      .insertInto('audit')
      .values({
        id: '00000000-0000-7000-8000-00000000000a',
        at: 0,
        login: '=cmd|x',
        address: null,
        action: 'person_changed',
        target: '+1;"2"',
        was: '{"roles":["viewer"]}',
        became: '{"roles":["admin","operator"]}',
      })
      .execute()
    const { status, headers, text } = await boss.visit('/app/audit.csv?login=%3Dcmd%7Cx')
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="?audit-\d{4}-\d\d-\d\d\.csv"?$/)
    const lines = text.replace('\ufeff', '').trim().split('\r\n')
    expect(lines[0]).toBe('Когда;Кто;Что сделал;С чем;Откуда;Было и стало')
    expect(lines[1]).toMatch(/;'=cmd\|x;изменил права;"'\+1;""2""";;роли: viewer → admin, operator$/)
    expect(lines).toHaveLength(2)
    expect((await boss.visit('/app/audit.csv')).text.trim().split('\r\n').length).toBeGreaterThan(130)
    expect((await read('?action=audit_exported')).entries).toHaveLength(2)
  })

  it('reads what has no names, and what was recorded in other shapes', async () => {
    const row = { at: 0, address: null, action: 'exported', target: null, login: 'shapes' }
    const shapes = [
      [null, null, []],
      ['"a"', '"b"', [{ name: null, was: 'a', became: 'b' }]],
      ['{"x":1}', null, [{ name: 'x', was: '1', became: null }]],
      [null, '{"x":{"y":[1]}}', [{ name: 'x', was: null, became: '{"y":[1]}' }]],
      [null, '[1,2]', [{ name: null, was: null, became: '1, 2' }]],
    ] as const
    for (const [number, [was, became]] of shapes.entries())
      await opened.db
        .insertInto('audit')
        .values({ ...row, id: `00000000-0000-7000-9000-${String(number).padStart(12, '0')}`, was, became })
        .execute()
    const { entries } = await createAuditLog(opened.db).list({ login: 'shapes' }, 10)
    expect(entries.map(({ changes }) => changes)).toEqual(shapes.map(([, , changes]) => changes).toReversed())
  })
})
