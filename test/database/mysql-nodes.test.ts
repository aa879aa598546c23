import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { isDatabaseOut, isTooLarge, openDatabase } from '../../src/database/open.ts'
import { untilMigrated } from '../../src/database/reach.ts'
import { inTransaction } from '../../src/database/transaction.ts'
import { startMysqlNode } from '../support/mysql-node.ts'

type Node = Awaited<ReturnType<typeof startMysqlNode>>

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function aNode(standing: Parameters<typeof startMysqlNode>[0] = {}) {
  const node = await startMysqlNode(standing)
  closing.push(node.close)
  return node
}

function open(...nodes: Pick<Node, 'host'>[]) {
  const database = openDatabase(`mysql://parom:p%40ss@${nodes.map(({ host }) => host).join(',')}/parom`)
  closing.push(database.close)
  return database
}

/** Answers so the first time it is asked this, and then like everybody else. */
function once(statement: RegExp, answer: ReturnType<Node['standing']['answer']>) {
  let isOver = false
  return (asked: string) => {
    if (isOver || !statement.test(asked)) return 'ok'
    isOver = true
    return answer
  }
}

const readOnly = { code: 1290, message: 'The MySQL server is running with the --read-only option' }
const notPrepared = { code: 1047, message: 'WSREP has not yet prepared node for application use' }
const overtaken = { code: 1213, message: 'Deadlock found when trying to get lock' }
const update = 'UPDATE things SET done = 1'
const run = ({ db }: ReturnType<typeof open>) => sql.raw(update).execute(db)

describe('a node of a database', () => {
  it.each([
    ['stands closed', { host: '127.0.0.1:1' }],
    ['only reads', { variables: { read_only: 'ON' } }],
    ['only reads, whoever asks', { variables: { read_only: 'ON', super_read_only: 'ON' } }],
    ['takes no part in its cluster', { variables: { wsrep_on: 'ON' }, wsrepReady: 'OFF' as const }],
    ['is too old', { version: '5.7.44' }],
  ])('is passed over for the next one when it %s', async (_why, standing) => {
    const first = 'host' in standing ? standing : await aNode(standing)
    const second = await aNode({ variables: { wsrep_on: 'ON', read_only: 'OFF' } })
    const database = open(first, second)
    await run(database)
    await database.write(update, [])
    expect(second.asked).toContain(update)
    if ('asked' in first) expect(first.asked).toEqual([])
  })

  it('is kept while it is well', async () => {
    const [first, second] = [await aNode(), await aNode()]
    const database = open(first, second)
    for (let time = 0; time < 5; time++) await run(database)
    expect([first.asked.length, second.connections()]).toEqual([5, 0])
  })

  it.each([
    ['is part of no cluster any more', notPrepared],
    ['has become one that is only read', readOnly],
  ])('that %s is left in the middle, and nobody notices', async (_why, refusal) => {
    const [first, second] = [await aNode(), await aNode()]
    const database = open(first, second)
    await run(database)
    first.standing.answer = () => refusal
    await run(database)
    await inTransaction(database.db, async (transaction) => void (await sql.raw(update).execute(transaction)))
    expect(second.asked).toEqual([update, 'begin', update, 'commit'])
  })

  it('that is alone is asked again on a new connection when it had become one that is only read', async () => {
    const node = await aNode({ answer: once(/UPDATE/, readOnly) })
    await run(open(node))
    expect(node.asked).toEqual([update, update])
  })

  it('is not left for a fault that is none of its own', async () => {
    const [first, second] = [await aNode({ answer: () => ({ code: 1054, message: 'Unknown column' }) }), await aNode()]
    await expect(run(open(first, second))).rejects.toThrow('Unknown column')
    expect(second.connections()).toBe(0)
  })
})

describe('a start', () => {
  const patience = { patienceMs: 60_000, waits: () => {} }

  it('waits for its only node to become part of the cluster: until then it answers, but gives nothing', async () => {
    const node = await aNode({ answer: (asked) => (asked === 'SELECT 1' ? 'ok' : notPrepared) })
    const told: string[] = []
    const waits = ({ message }: Error) => {
      told.push(message)
      node.standing.answer = () => 'ok'
    }
    await untilMigrated(open(node), { ...patience, waits })
    expect(told).toEqual([notPrepared.message])
    expect(node.asked.at(-1)).toMatch(/^UPDATE schema_lock SET holder = NULL/)
  })

  it('does not wait for what will not mend by itself', async () => {
    const node = await aNode({ answer: () => ({ code: 1142, message: 'CREATE command denied' }) })
    await expect(untilMigrated(open(node), patience)).rejects.toMatchObject({
      name: 'MigrationError',
      message: 'CREATE command denied',
    })
  })
})

describe('what a cluster refuses', () => {
  it.each([1213, 1205, 1020])('is run anew as a single statement: %i', async (code) => {
    const node = await aNode({ answer: once(/UPDATE/, { ...overtaken, code }) })
    await run(open(node))
    expect(node.asked).toEqual([update, update])
  })

  it('is given up when it is refused for ever', async () => {
    const node = await aNode({ answer: () => overtaken })
    await expect(run(open(node))).rejects.toMatchObject({ code: 'ER_LOCK_DEADLOCK' })
    expect(node.asked.length).toBeLessThanOrEqual(30)
  })

  it.each(['UPDATE', 'commit'])('is run anew as a transaction: at %s', async (at) => {
    const node = await aNode({ answer: once(new RegExp(at), overtaken) })
    await inTransaction(open(node).db, async (transaction) => void (await sql.raw(update).execute(transaction)))
    expect(node.asked.filter((statement) => statement === update)).toHaveLength(2)
    expect(node.asked.at(-1)).toBe('commit')
  })
})

describe('a connection that is lost', () => {
  it.each(['begin', 'UPDATE'])('before the commit lets a transaction begin anew: at %s', async (at) => {
    const node = await aNode({ answer: once(new RegExp(at), 'hang up') })
    await inTransaction(open(node).db, async (transaction) => void (await sql.raw(update).execute(transaction)))
    expect(node.asked.slice(-3)).toEqual(['begin', update, 'commit'])
  })

  it('in a commit leaves it to the caller: nobody knows what came of it', async () => {
    const node = await aNode({ answer: once(/commit/, 'hang up') })
    const work = inTransaction(open(node).db, async (transaction) => void (await sql.raw(update).execute(transaction)))
    await expect(work).rejects.toSatisfy(isDatabaseOut)
    expect(node.asked).toEqual(['begin', update, 'commit'])
  })

  it('is not noticed by who reads, but by who writes', async () => {
    const node = await aNode({ answer: once(/SELECT/, 'hang up') })
    const database = open(node)
    await sql`SELECT 1`.execute(database.db)
    expect(node.asked).toEqual(['SELECT 1', 'SELECT 1'])
    node.standing.answer = once(/UPDATE/, 'hang up')
    await expect(run(database)).rejects.toSatisfy(isDatabaseOut)
  })

  it('lets be written again what bears a key of its own', async () => {
    const node = await aNode({ answer: once(/UPDATE/, 'hang up') })
    await open(node).write(update, [])
    expect(node.asked).toEqual([update, update])
  })
})

describe('a server that does not answer', () => {
  it('is given up by who closes, and by whoever waits for it', async () => {
    const node = await aNode({ answer: () => 'nothing' })
    const database = open(node)
    const waiting = expect(run(database)).rejects.toSatisfy(isDatabaseOut)
    await expect.poll(() => node.asked.length).toBe(1)
    const begun = performance.now()
    database.abandon()
    await waiting
    await database.close()
    expect(performance.now() - begun).toBeLessThan(3000)
  })
})

describe('the settings of a server', () => {
  it.each<[string, Record<string, string>, object[]]>([
    ['keep what was committed', { innodb_flush_log_at_trx_commit: '1', log_bin: 'ON', sync_binlog: '1' }, []],
    ['keep it with no second log', { innodb_flush_log_at_trx_commit: '1', log_bin: 'OFF', sync_binlog: '0' }, []],
    [
      'may lose it',
      { innodb_flush_log_at_trx_commit: '2', log_bin: 'ON', sync_binlog: '0' },
      [
        { kind: 'not_durable', setting: 'innodb_flush_log_at_trx_commit', value: '2', wanted: '1' },
        { kind: 'not_durable', setting: 'sync_binlog', value: '0', wanted: '1' },
      ],
    ],
    [
      'do not take the largest order',
      { max_allowed_packet: '1048576' },
      [{ kind: 'packet_small', value: '1048576', wanted: '2162688' }],
    ],
  ])('%s', async (_what, variables, troubles) => {
    expect(await open(await aNode({ variables })).troubles(1024 * 1024)).toEqual(troubles)
  })

  it('are not those of a session, wherever it matters', async () => {
    const variables = { tx_isolation: 'REPEATABLE-READ', wsrep_sync_wait: '0', max_statement_time: '0.000000' }
    const node = await aNode({ variables })
    await run(open(node))
    expect(node.settings).toEqual([
      "SET SESSION autocommit = 1, tx_isolation = 'READ-COMMITTED', wsrep_sync_wait = 3, max_statement_time = 15",
    ])
  })

  it('refuse what is too large without the connection being lost', async () => {
    const node = await aNode({ variables: { max_allowed_packet: '4096' } })
    const database = open(node)
    await expect(database.write('INSERT', [Buffer.alloc(5000)])).rejects.toSatisfy(isTooLarge)
    await expect(sql`INSERT ${Buffer.alloc(2500)}`.execute(database.db)).rejects.toSatisfy(isTooLarge)
    await run(database)
    expect([node.asked, node.connections()]).toEqual([[update], 2])
  })
})
