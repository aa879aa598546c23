import { createServer } from 'node:http'
import express from 'express'

/** Servers that keep nothing, to hold Parom against: `node bench/baselines.ts <kind> <port>`. */
const kinds: Record<string, () => ReturnType<typeof createServer>> = {
  'node:http': () =>
    createServer((req, res) => {
      req.resume().on('end', () => res.setHeader('content-type', 'application/json').end('{"status":200}'))
    }),
  express: () =>
    createServer(
      express().post('/api/order/create', (req, res) => void req.resume().on('end', () => res.json({ status: 200 }))),
    ),
  'express-urlencoded': () =>
    createServer(
      express().post(
        '/api/order/create',
        express.urlencoded({ extended: true, limit: '1mb', parameterLimit: 10_000 }),
        (_req, res) => void res.json({ status: 200 }),
      ),
    ),
}

const [kind = '', port] = process.argv.slice(2)
kinds[kind]?.().listen(Number(port), '127.0.0.1')
