/** Somebody with a cookie jar and a keyboard, who follows no redirect by himself. @param ask how his requests go out */
export function createVisitor(url: string, ask: (url: string, init: RequestInit) => Promise<Response> = fetch) {
  const cookies = new Map<string, string>()

  async function visit(path: string, init: RequestInit = {}) {
    const headers = new Headers(init.headers)
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await ask(`${url}${path}`, { redirect: 'manual', ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const text = await response.text()
    return { status: response.status, location: response.headers.get('location'), headers: response.headers, text }
  }

  const csrfOf = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''

  async function submit(path: string, fields: Record<string, string>) {
    return visit(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })
  }

  return {
    cookies,
    visit,
    submit,
    /** Fills in the sign-in form. */
    async signIn(login = 'admin', password = 'admin', returnPage?: string) {
      const query = returnPage === undefined ? '' : `?return_page=${encodeURIComponent(returnPage)}`
      const { text } = await visit(`/login${query}`)
      const hidden = /action="[^"]*\/login"[\s\S]*?name="return_page" value="([^"]*)"/.exec(text)?.[1] ?? ''
      return submit('/login', { login, password, return_page: hidden, _csrf: csrfOf(text) })
    },
    async signOut() {
      const { text } = await visit('/app/transactions')
      return submit('/logout', { _csrf: csrfOf(text) })
    },
  }
}

/** What the form with this hidden field would send, before anything is typed. */
export function formWith(name: string, value: string | RegExp, html: string): Record<string, string> {
  for (const [form] of html.matchAll(/<form[\s\S]*?<\/form>/g)) {
    const fields = Object.fromEntries(
      [...form.matchAll(/<input[^>]*name="(\w+)"(?: value="([^"]*)")?/g)].map(([, key = '', text = '']) => [key, text]),
    )
    if (fields[name]?.match(value)) return fields
  }
  throw new Error(`no form with ${name}`)
}
