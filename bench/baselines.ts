import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import express, { type RequestHandler } from 'express'
import { createPool } from 'mysql2/promise'
import { createOrderSchema } from '../src/order-api/order-schemas.ts'

/** What others would write, to hold Parom against: `node bench/baselines.ts <kind> <port>`. */
const kinds: Record<string, () => Promise<ReturnType<typeof createServer>> | ReturnType<typeof createServer>> = {
  'node:http': () => answering(200, '{"status":200}'),
  'node:http-created': () => answering(201, JSON.stringify(createdOrder)),
  express: () =>
    createServer(
      express().post('/api/order/create', (req, res) => void req.resume().on('end', () => res.json({ status: 200 }))),
    ),
  'express-urlencoded': () => parsed((_req, res) => void res.json({ status: 200 })),
  'express-zod': () =>
    createServer(
      express().post('/api/create-order', express.json({ limit: '1mb' }), (req, res) => {
        const { success, error } = createOrderSchema.safeParse(req.body)
        if (success) res.status(201).json(createdOrder)
        else res.status(400).json({ signedIn: false, message: error.message })
      }),
    ),
  'express-sqlite': () => {
    const db = new DatabaseSync(databaseUrl.slice('sqlite:'.length))
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec('CREATE TABLE orders (id TEXT PRIMARY KEY, received_at INTEGER NOT NULL, fields TEXT NOT NULL)')
    const insert = db.prepare('INSERT INTO orders (id, received_at, fields) VALUES (?, ?, ?)')
    return parsed((req, res) => {
      const id = randomUUID()
      insert.run(id, Date.now(), JSON.stringify(req.body))
      res.json({ status: 200, id })
    })
  },
  'express-mysql': async () => {
    const pool = createPool({ uri: databaseUrl, connectionLimit: 10 })
    await pool.query(
      'CREATE TABLE orders (id CHAR(36) PRIMARY KEY, received_at BIGINT NOT NULL, fields MEDIUMTEXT NOT NULL) CHARACTER SET utf8mb4',
    )
    return parsed(async (req, res) => {
      const id = randomUUID()
      await pool.execute('INSERT INTO orders (id, received_at, fields) VALUES (?, ?, ?)', [
        id,
        Date.now(),
        JSON.stringify(req.body),
      ])
      res.json({ status: 200, id })
    })
  },
}

function answering(status: number, body: string) {
  return createServer((req, res) => {
    res.statusCode = status
    req.resume().on('end', () => res.setHeader('content-type', 'application/json').end(body))
  })
}

function parsed(answer: RequestHandler) {
  const parse = express.urlencoded({ extended: true, limit: '1mb', parameterLimit: 10_000 })
  return createServer(express().post('/api/order/create', parse, answer))
}

const createdOrder = { OrderCreated: true, OrderCode: 'XX0000-00000', orderCode: 'XX0000-00000' }
const databaseUrl = process.env['DATABASE_URL'] ?? ''
const [kind = '', port] = process.argv.slice(2)
const server = await kinds[kind]?.()
server?.listen(Number(port), '127.0.0.1')
