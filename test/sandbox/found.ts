import type { Client } from './client.ts'

/** The ids that a list gives for a query. */
export async function found(amo: Client, type: string, query: string): Promise<number[]> {
  const { body } = await amo.get(`/${type}?limit=250&${query}`)
  return body === '' ? [] : body._embedded[type].map(({ id }: { id: number }) => id)
}
