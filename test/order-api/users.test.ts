import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createApiUsers, NoPrefixLeftError, prefixOf } from '../../src/order-api/users.ts'
import { onEachDatabase } from '../support/databases.ts'

const day = 24 * 60 * 60_000

onEachDatabase('users of the order API', (database) => {
  let opened: Database
  let twin: Database
  let now: number
  beforeEach(async () => {
    const url = await database.fresh()
    opened = openDatabase(url)
    await migrate(opened)
    // Two connections of one process to SQLite would wait for each other.
    twin = database.name === 'SQLite' ? opened : openDatabase(url)
    now = 1_800_000_000_000
  })
  afterEach(async () => {
    if (twin !== opened) await twin.close()
    await opened.close()
  })

  const users = ({ db } = opened) => createApiUsers(db, () => now)
  const add = (email: string, by = 'admin', where = opened) =>
    users(where).add({ name: email, email, password: null, by })
  const taker = (email: string) => ({ name: 'Сам', email, password: 'argon2id' })

  it('have letters of their own e-mail in their codes, as long as any are left', async () => {
    const emails = ['ab@c.de', 'AB@c.de', 'abc@d.ef', 'ab@cd.ef', '12@34.56', '1@2.3']
    const sources: (string | null)[] = []
    for (const email of emails) sources.push(await add(email))
    expect(sources).toEqual(['api-ab', null, 'api-bc', 'api-cd', 'api-aa', 'api-ac'])
    expect(prefixOf('api-cd')).toBe('CD')
    expect(await users().findByEmail('AB@C.DE')).toMatchObject({ source: 'api-ab', email: 'ab@c.de' })
  })

  it('are one of an e-mail, and one of a prefix, also when they come at once to several processes', async () => {
    const emails = Array.from({ length: 24 }, (_, at) => `same@shop${at % 8}.example`)
    const sources = await Promise.all(emails.map((email, at) => add(email, '', at % 2 ? twin : opened)))
    const given = sources.filter((source) => source !== null)
    expect(given).toHaveLength(8)
    expect(new Set(given).size).toBe(8)
    expect(await users().list()).toHaveLength(8)
  })

  it('are refused in words when no letters are left', async () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz']
    const rows = letters
      .flatMap((one) => letters.map((other) => `api-${one}${other}`))
      .map((source) => ({ source, name: '', email: source, created_at: 0, created_by: '' }))
    await opened.db.insertInto('api_users').values(rows).execute()
    await expect(add('one@more.example')).rejects.toThrow(NoPrefixLeftError)
    await opened.db.deleteFrom('api_users').where('source', '=', 'api-qz').execute()
    expect(await add('one@more.example')).toBe('api-qz')
  })

  it('who register by themselves leave letters for those whom an administrator adds', async () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz']
    const rows = letters
      .flatMap((one) => letters.map((other) => `api-${one}${other}`))
      .slice(0, 499)
      .map((source) => ({ source, name: '', email: source, created_at: 0, created_by: '' }))
    await opened.db.insertInto('api_users').values(rows).execute()
    await add('before@shop.example')
    expect(await add('last@shop.example', '')).not.toBeNull()
    await expect(add('stranger@shop.example', '')).rejects.toThrow(NoPrefixLeftError)
    const source = await add('invited@shop.example')
    expect(source).not.toBeNull()
    const code = await users().invite(source ?? '')
    expect(await users().takeUp(code, taker('invited@shop.example'))).toEqual({ source })
  })

  it('register by a code once, within a week', async () => {
    const source = (await add('a@shop.example')) ?? ''
    const void_ = await users().invite(source)
    const code = await users().invite(source)
    for (const bad of [void_, '', 'x', `${code}x`])
      expect(await users().takeUp(bad, taker('own@shop.example'))).toEqual({ fault: 'over' })
    const taken = await Promise.all([users(), users(twin)].map((each) => each.takeUp(code, taker('Own@shop.example'))))
    expect(taken.filter((each) => each.source === source)).toHaveLength(1)
    expect(taken.filter((each) => each.fault === 'over')).toHaveLength(1)
    expect(await users().find(source)).toMatchObject({
      ...taker('own@shop.example'),
      created_by: 'admin',
      invitation: null,
      invited_until: null,
    })

    const late = await users().invite(source)
    now += 7 * day
    expect(await users().takeUp(late, taker('own@shop.example'))).toEqual({ fault: 'over' })
    const last = await users().invite(source)
    await users().block(source, 'admin')
    expect(await users().takeUp(last, taker('own@shop.example'))).toEqual({ fault: 'over' })
  })

  it('do not register by an e-mail that another one has, and may try another one', async () => {
    await add('taken@shop.example')
    const source = (await add('a@shop.example')) ?? ''
    const code = await users().invite(source)
    expect(await users().takeUp(code, taker('Taken@shop.example'))).toEqual({ fault: 'taken' })
    expect(await users().find(source)).toMatchObject({ email: 'a@shop.example', password: null })
    expect(await users().takeUp(code, taker('a@shop.example'))).toEqual({ source })
  })

  it('have another password only from the one before', async () => {
    const source = (await users().add({ name: 'a', email: 'a@b.cd', password: 'first', by: '' })) ?? ''
    const nobody = (await add('n@b.cd')) ?? ''
    expect(await users().replacePassword(source, 'other', 'second')).toBe(false)
    const tries = await Promise.all(['second', 'third'].map((next) => users().replacePassword(source, 'first', next)))
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect(await users().replacePassword(nobody, '', 'second')).toBe(false)
  })
})
