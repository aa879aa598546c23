const patience = 3000

type CallOutcome = { status: number; body: string } | { error: string }

/** A request of amoCRM to an integration: tried once, waited for 3 seconds, redirects not followed. */
export async function call(address: string, init: RequestInit = {}): Promise<CallOutcome> {
  const headers = { 'User-Agent': 'amoService-oAuth-Code-Sender/1.0', ...init.headers }
  const signal = AbortSignal.timeout(patience)
  try {
    const response = await fetch(address, { ...init, headers, signal, redirect: 'manual' })
    return { status: response.status, body: await response.text() }
  } catch (error) {
    return { error: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? error.cause.message : ''
  return cause || error.message
}

/** An address with more parameters; those that are `undefined` are left out. */
export function withParameters(address: string, parameters: Record<string, string | undefined>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}
