import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { onEachEmptyDatabase } from '../support/databases.ts'

const order = {
  account: 'shop.amocrm.ru',
  source: 'lk',
  content_type: 'text/plain',
  headers: '{}',
  body: Buffer.from('x'),
  order_number: 'ТФ-1203',
  partner_id: 'Партнёр 7',
  phone_digits: '79161234567',
  email: 'olga@mail.example',
}

onEachEmptyDatabase('the migration 0011', (database) => {
  let opened: Database
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
  })
  afterEach(() => opened.close())

  /** As an earlier Parom has left it. */
  async function migrateUpTo(last: string) {
    const folder = join(import.meta.dirname, '../../db/migrations', opened.dialect)
    await run('CREATE TABLE schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL)')
    for (const name of (await readdir(folder)).filter((each) => each < last).sort()) {
      const text = await readFile(join(folder, name), 'utf8')
      const statements = text.replace(/(^|\s)--.*$/gm, '').split(/;\s*$/m)
      for (const statement of statements) if (statement.trim()) await run(statement)
      const checksum = createHash('sha256').update(text).digest('hex')
      await sql`INSERT INTO schema_migrations (name, checksum) VALUES (${name}, ${checksum})`.execute(opened.db)
    }
  }

  const run = (statement: string) => sql.raw(statement).execute(opened.db)

  it('makes earlier orders found, and says when they were delivered', async () => {
    await migrateUpTo('0011')
    const messages = [
      { ...order, id: 'one', dedupe_key: '1', received_at: 1, state: 'delivered', lead_id: 4711 },
      { ...order, id: 'two', dedupe_key: '2', received_at: 2, state: 'dead', lead_id: null },
    ] as const
    await opened.db
      .insertInto('messages')
      .values([...messages])
      .execute()
    const attempt = { message_id: 'one', started_at: 5, outcome: 'delivered' }
    await opened.db
      .insertInto('attempts')
      .values([
        { ...attempt, number: 1, finished_at: 70 },
        { ...attempt, number: 2, finished_at: 90 },
      ])
      .execute()

    await migrate(opened)

    const inbox = createInbox(opened, Date.now)
    const found = async (text: string) => (await inbox.list({ text, limit: 10 })).messages.map(({ id }) => id)
    for (const text of ['тф-1203', 'партнёр', '8 916 123-45-67', 'Olga@mail.example'])
      expect(await found(text), text).toEqual(['two', 'one'])
    expect(await found('4711')).toEqual(['one'])
    expect(await inbox.find('one')).toMatchObject({ delivered_at: 70, total: null })
    expect(await inbox.find('two')).toMatchObject({ delivered_at: null })
    expect((await inbox.list({ state: 'dead', source: 'lk', limit: 10 })).messages).toMatchObject([{ id: 'two' }])
  })

  // SQLite undoes all of it with the transaction.
  if (database.name === 'MariaDB')
    it('goes on where a crash has left it', async () => {
      await migrate(opened)
      await sql`DELETE FROM schema_migrations WHERE name = '0011-search.sql'`.execute(opened.db)
      await migrate(opened)
      expect(await createInbox(opened, Date.now).list({ text: 'x', limit: 1 })).toEqual({ messages: [], next: null })
    })
})
