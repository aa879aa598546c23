import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountUrl } from '../../src/amocrm/hosts.ts'

const configured = 'https://shop.amocrm.ru'

describe('the host that a redirect names', () => {
  it.each(['shop.amocrm.ru', 'other.amocrm.ru', 'shop.amocrm.com', 'shop.kommo.com'])('may be %s', (host) => {
    expect(accountUrl(host, configured)).toBe(`https://${host}`)
  })

  it.each([
    'amocrm.ru',
    'www.amocrm.ru',
    'evil.ru',
    'shop.amocrm.ru.evil.ru',
    'evilamocrm.ru',
    'shop.amocrm.ru:8443',
    'shop.amocrm.ru/x',
    'shop.amocrm.ru@evil.ru',
    'evil.ru#.amocrm.ru',
    'evil.ru?.amocrm.ru',
    'evil.ru\\.amocrm.ru',
    'https://shop.amocrm.ru',
    '127.0.0.1:3001',
    ' shop.amocrm.ru',
    '',
  ])('may not be %j', (host) => {
    expect(accountUrl(host, configured)).toBeNull()
  })

  it('may be the configured one, and another on this machine where that one is', () => {
    const local = 'http://127.0.0.1:3001'
    expect(accountUrl('127.0.0.1:3001', local)).toBe(local)
    expect(accountUrl('localhost:3002', local)).toBe('http://localhost:3002')
    expect(accountUrl('crm.example.ru:8443', 'https://crm.example.ru:8443')).toBe('https://crm.example.ru:8443')
    expect(accountUrl('127.0.0.1.evil.ru', local)).toBeNull()
    expect(accountUrl('shop.amocrm.ru', local)).toBe('https://shop.amocrm.ru')
  })

  it('leads nowhere else, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), (host) => {
        const url = accountUrl(host, configured)
        if (url !== null) expect(new URL(url).hostname).toMatch(/\.(amocrm\.ru|amocrm\.com|kommo\.com)$/)
      }),
    )
  })
})
