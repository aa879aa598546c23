import type { Operation } from '../contract.ts'

/** A request as the examples make it. */
export interface ExampleRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: Record<string, unknown> | null
}

/** What stands in the examples in place of a token. */
export const exampleToken = 'YOUR_TOKEN'

/** @param base where shops find the installation */
export function exampleRequest({ method, path, token, body }: Operation, base: string): ExampleRequest {
  return {
    method: method.toUpperCase(),
    url: base + path,
    headers: {
      ...(token !== 'none' ? { Authorization: `Bearer ${exampleToken}` } : {}),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      Accept: 'application/json',
    },
    body: body?.example ?? null,
  }
}
