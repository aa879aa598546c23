import { addShop } from '../test/support/api-shops.ts'
import { compete, type Entrant } from './contest.ts'
import { goal, type Measured, ratioOf } from './rounds.ts'

const names = {
  bare: 'node:http answering only',
  validating: 'Express + json + zod',
  sqlite: 'Parom on SQLite',
  mariadb: 'Parom on MariaDB',
}

const entrants: Entrant[] = [
  { name: names.bare, baseline: 'node:http-created' },
  { name: names.validating, baseline: 'express-zod' },
  { name: names.sqlite, database: 'SQLite' },
  { name: names.mariadb, database: 'MariaDB' },
]

/** How many orders a second a shop of the order API gets rid of: validated and stored, held against validated and forgotten. */
export function benchCreateOrder() {
  return compete({
    kind: 'create-order',
    entrants,
    measure: names.validating,
    async headersFor(databaseUrl) {
      const { token } = databaseUrl === null ? { token: `1|${'x'.repeat(40)}` } : await addShop(databaseUrl)
      return { Authorization: `Bearer ${token}` }
    },
    compareWithGoals,
  })
}

/** What issue 8 wants. */
function compareWithGoals(measured: Measured) {
  const share = (parom: string) => ratioOf(measured, parom, names.validating, 'perSecond')
  console.table(
    [names.sqlite, names.mariadb].map((parom) => goal(parom, names.validating, share(parom), 'at least', 0.8)),
  )
}
