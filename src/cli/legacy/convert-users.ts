import { createHash, randomBytes } from 'node:crypto'
import type { Users } from '../../config/schema.ts'
import type { PhpArray } from './php.ts'
import { asArray, asText, asTexts } from './php-values.ts'
import type { Report } from './report.ts'

export interface Invited {
  users: Users
  /** What the link of each login ends with. It is not kept anywhere. */
  tokens: { login: string; token: string }[]
  until: Date
}

const days = 14

/** Characters; the sign-in form takes no longer one. */
const longestLogin = 100

/** Nobody's password is carried over: each user is invited to set a new one. */
export function convertUsers(list: PhpArray | null, now: Date, report: Report): Invited {
  const until = new Date(now.getTime() + days * 24 * 3600_000)
  const invited: Invited = { users: [], tokens: [], until }
  for (const [index, value] of list ?? []) {
    const user = asArray(value)
    const login = asText(user?.get('login'))?.trim() ?? ''
    if (!isLogin(login) || invited.users.some((other) => other.login === login)) {
      report.left('cli.import.login', { number: Number(index) + 1 || index })
      continue
    }
    const token = randomBytes(32).toString('base64url')
    const digest = createHash('sha256').update(token).digest('base64url')
    invited.tokens.push({ login, token })
    invited.users.push({
      login,
      name: asText(user?.get('name'))?.trim() || login,
      password: null,
      invitation: { digest, until: until.toISOString() },
      roles: [roleOf(login, asTexts(user?.get('roles') ?? user?.get('role')), report)],
    })
  }
  return invited
}

function isLogin(login: string) {
  return login !== '' && Array.from(login).length <= longestLogin && !/\p{C}/u.test(login)
}

/** The PHP script knew one role that opened anything; the others were another product's. */
function roleOf(login: string, roles: string[], report: Report) {
  if (roles.includes('admin')) return 'admin'
  report.left('cli.import.role', { login, roles: roles.join(', ') || '—' })
  return 'viewer'
}
