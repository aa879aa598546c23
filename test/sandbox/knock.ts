import type { Client } from './client.ts'

/** The statuses of so many requests. */
export async function knock(amo: Client, times: number): Promise<number[]> {
  const statuses: number[] = []
  for (let time = 0; time < times; time += 1) statuses.push((await amo.get('/account')).status)
  return statuses
}
