const minute = 60_000

export const isValid = (status: number) => status >= 100 && status <= 299
const isAnyFailure = (status: number) => !isValid(status)
const isServerFault = (status: number) => status === 499 || (status >= 500 && status <= 599)

/** What follows the first attempt, the second and so on, and after which answers. */
const retries = [
  { wait: 5 * minute, follows: isAnyFailure },
  { wait: 15 * minute, follows: isAnyFailure },
  { wait: 15 * minute, follows: isServerFault },
  { wait: 60 * minute, follows: isServerFault },
]

/** How long to wait after so many attempts, the last of them with this status; `undefined` is not at all. */
export function pauseAfter(attempts: number, status: number): number | undefined {
  const next = retries[attempts - 1]
  return next?.follows(status) ? next.wait : undefined
}

const disablingWindow = 120 * minute
const patience = 100

/** Whether an address has failed too often; `invalidAt` are the times of its invalid answers, the latest among them. */
export function isHopeless(invalidAt: number[], now: number): boolean {
  return invalidAt.filter((time) => time > now - disablingWindow).length > patience
}
