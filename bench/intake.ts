import { randomBytes } from 'node:crypto'
import { compete, type Entrant } from './contest.ts'
import { goal, type Measured, ratioOf } from './rounds.ts'

const names = {
  bare: 'node:http answering only',
  answering: 'Express answering only',
  parsing: 'Express + urlencoded',
  insertSqlite: 'Express + urlencoded + INSERT, SQLite',
  insertMariadb: 'Express + urlencoded + INSERT, MariaDB',
  sqlite: 'Parom on SQLite',
  logged: 'Parom on SQLite, LOG_LEVEL=info',
  mariadb: 'Parom on MariaDB',
}

const entrants: Entrant[] = [
  { name: names.bare, baseline: 'node:http' },
  { name: names.answering, baseline: 'express' },
  { name: names.parsing, baseline: 'express-urlencoded' },
  { name: names.insertSqlite, baseline: 'express-sqlite', database: 'SQLite' },
  { name: names.insertMariadb, baseline: 'express-mysql', database: 'MariaDB' },
  { name: names.sqlite, database: 'SQLite' },
  { name: names.logged, database: 'SQLite', env: { LOG_LEVEL: 'info' } },
  { name: names.mariadb, database: 'MariaDB' },
]

const token = randomBytes(24).toString('base64url')

/** How many orders a second are taken in, what each costs, and how that compares with what others would write. */
export function benchIntake() {
  return compete({
    kind: 'webhook',
    entrants,
    measure: names.bare,
    env: { WEBHOOK_TOKEN: token },
    headersFor: () => ({ 'X-Webhook-Token': token }),
    compareWithGoals,
  })
}

/** What issue 6 wants: the least share of requests a second, and how much longer the slowest may take. */
function compareWithGoals(measured: Measured, connections: number) {
  const lines = [
    [names.sqlite, names.insertSqlite],
    [names.mariadb, names.insertMariadb],
  ].flatMap(([parom = '', insert = '']) => {
    const share = (against: string) => ratioOf(measured, parom, against, 'perSecond')
    const slowest = ratioOf(measured, parom, names.answering, 'p99')
    return [
      goal(parom, names.answering, share(names.answering), 'at least', 0.9),
      goal(parom, names.parsing, share(names.parsing), 'at least', 2.5),
      goal(parom, insert, share(insert), 'at least', 6),
      ...(connections === 32 ? [goal(parom, `${names.answering}, p99`, slowest, 'at most', 2)] : []),
    ]
  })
  const logged = ratioOf(measured, names.logged, names.sqlite, 'perSecond')
  console.table([...lines, goal(names.logged, names.sqlite, logged, 'at least', 0.9)])
}
