import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiFormats } from '../../src/order/order.ts'
import { operations } from '../../src/order-api/contract.ts'
import { addresses } from '../support/page-routes.ts'
import { startParom } from '../support/parom.ts'

const src = join(import.meta.dirname, '../../src')
const contract = operations.map(({ path }) => path)
/** Those that are no shop's of the order API. */
const others = [
  ...addresses.map(([, path]) => path).filter((path) => path.startsWith('/api/')),
  ...['/api/order/create', '/api/cache/update/contacts'],
]

/** Every address below /api that stands in the source, but those of amoCRM. */
function addressesInSource() {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^(sandbox|amocrm|delivery|doctor|cli)\//.test(file),
  )
  const texts = files
    .filter((file) => file !== 'order-api/contract.ts')
    .map((file) => readFileSync(join(src, file), 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(/['"`}](\/api\/[\w/.:-]*\w)['"`]/g)].map(([, path = '']) => path))
}

describe('the addresses of the order API', () => {
  it('are those of the contract: none that stands in the source is missing, and none is left over', () => {
    const inSource = new Set([...addressesInSource(), ...apiFormats.map((format) => `/api/${format}`)])
    expect(contract.filter((path) => !inSource.has(path))).toEqual([])
    expect([...inSource].filter((path) => !contract.includes(path) && !others.includes(path))).toEqual([])
  })

  let parom: Awaited<ReturnType<typeof startParom>>
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: 'sqlite::memory:', env: { BASE_PATH: '/parom' } })
  })
  afterAll(() => parom.close())
  const origin = () => new URL(parom.url).origin

  const isThere = async (path: string, method = 'POST') => {
    const response = await fetch(origin() + path, { method, redirect: 'manual' })
    await response.arrayBuffer()
    // An address that is none is a page's: not found, or for nobody without a session.
    return ![302, 403, 404].includes(response.status)
  }

  it.each(operations.map(({ path, method }) => [path, method]))(
    '%s is there, with %s, below its folder',
    async (path, method) => {
      expect(await isThere(`/parom${path}`, method.toUpperCase())).toBe(true)
      expect(await isThere(`/parom${path}/`, method.toUpperCase())).toBe(true)
      expect(await isThere(path, method.toUpperCase())).toBe(false)
      expect(await isThere(`/parom${path.slice('/api'.length)}`, method.toUpperCase())).toBe(false)
    },
  )

  it('are no others: nothing is beside them', async () => {
    const words = ['orders', 'order', 'users', 'user', 'tokens', 'me', 'v1', 'status', 'ping', 'logout-all', 'refresh']
    const near = contract.flatMap((path) => [
      `${path}s`,
      path.slice(0, -1),
      `${path}/1`,
      path.replace('/api/', '/api/v1/'),
    ])
    for (const path of [...near, ...words.map((word) => `/api/${word}`)])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
        expect(await isThere(`/parom${path}`, method), `${method} ${path}`).toBe(false)
    const taken = new Set([...contract, ...others])
    const anyPath = fc.stringMatching(/^[a-z][a-z-]{0,12}$/).map((word) => `/api/${word}`)
    await fc.assert(
      fc.asyncProperty(anyPath, fc.constantFrom('GET', 'POST'), async (path, method) => {
        fc.pre(!taken.has(path))
        expect(await isThere(`/parom${path}`, method)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })
})
