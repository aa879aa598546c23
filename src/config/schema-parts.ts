import proxyAddr from 'proxy-addr'
import { z } from 'zod'

/** What all shapes are made of. What was expected is said in the user's language. */

export const text = (expected: string) => z.string({ error: expected }).trim().min(1, { error: expected })
export const flag = z.boolean({ error: 'true или false' })
export const count = (expected: string) => z.int({ error: expected }).min(0, { error: expected })
export const amoId = (what: string) =>
  z.int({ error: `id ${what} в amoCRM, целое число` }).positive({ error: `id ${what} в amoCRM, целое число` })
export const webAddress = z.url({ protocol: /^https?$/, error: 'адрес вида https://crm.example.ru' })
export const strict = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `без неизвестных ключей: ${issue.keys.join(', ')}` : 'объект { … }',
  })

const timeZoneExpected = 'часовой пояс, например Europe/Moscow'
export const timeZone = z.string({ error: timeZoneExpected }).refine(isTimeZone, { error: timeZoneExpected })

function isTimeZone(timeZone: string) {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== null
  } catch {
    return false
  }
}

const proxyExpected =
  'адрес или сеть прокси, например 10.0.0.2 или 10.0.0.0/24, либо loopback, linklocal, uniquelocal или socket'
export const proxy = text(proxyExpected).refine(isProxy, { error: proxyExpected })

function isProxy(named: string) {
  try {
    return named === 'socket' || proxyAddr.compile(named) !== null
  } catch {
    return false
  }
}
