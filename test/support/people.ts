import { expect } from 'vitest'
import { createVisitor, formWith } from './visitor.ts'

type Visitor = ReturnType<typeof createVisitor>

/** A long enough password that nobody guesses. */
export const password = 'correct horse battery'

/** The text of a page without its menu and the header. */
export function contentOf(html: string) {
  return html.slice(html.indexOf('<main'))
}

/** What the link on a page ends in. */
export function tokenIn(html: string) {
  return /\/invitations\/([\w-]{43})</.exec(html)?.[1] ?? expect.fail('no link')
}

/** Sends a form of the pages, with the token of the visitor's session. */
export async function send(visitor: Visitor, path: string, fields: Record<string, string>) {
  const _csrf = formWith('_csrf', /./, (await visitor.visit('/app/sessions')).text)['_csrf'] ?? ''
  return visitor.submit(path, { ...fields, _csrf })
}

/** Gives the token of the link. */
export async function invite(boss: Visitor, login: string, roles: string) {
  const { status, text } = await send(boss, '/app/people', { login, name: `The ${login}`, roles })
  expect(status).toBe(200)
  return tokenIn(text)
}

/** Opens a link of this server and fills its form in. */
export async function takeUp(url: string, token: string, fields: Record<string, string> = {}) {
  const visitor = createVisitor(url)
  const path = `/invitations/${token}`
  const form = /name="_csrf" value="([^"]+)"/.exec(contentOf((await visitor.visit(path)).text))
  return visitor.submit(path, { password, again: password, _csrf: form?.[1] ?? '', ...fields })
}

/** Somebody of the database who is signed in. */
export async function join(url: string, boss: Visitor, login: string, roles: string) {
  expect((await takeUp(url, await invite(boss, login, roles))).status).toBe(303)
  return signedIn(url, login, password)
}

export async function signedIn(url: string, login = 'admin', word = 'admin') {
  const visitor = createVisitor(url)
  expect((await visitor.signIn(login, word)).status).toBe(303)
  return visitor
}
