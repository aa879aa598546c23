import { type Limit, networkOf, type Throttle } from './throttle.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** Counts who tries to sign in with a wrong password. @param what kind of name it is: those of people and of shops do not count together */
export function createSignInTries(throttle: Throttle, what: string) {
  /** Failures of one address, of one name from one address, and of one name from wherever, for those who guess slowly. */
  function limitsOf(name: string, address: string) {
    const network = networkOf(address)
    const window = 15 * minute
    return {
      address: { of: [`${what}: address`, network], most: 100, window },
      both: { of: [`${what} and address`, name, network], most: 10, window },
      name: { of: [what, name], most: 50, window: day, growing: { first: minute, longest: 15 * minute } },
    } satisfies Record<string, Limit>
  }

  /**
   * Counts a try, which may go on where there are no seconds to wait. `cameOff` is for when the password was the right one.
   * @param isAtHome whether the name has signed in from there before: then it is not held up by what others do elsewhere
   */
  async function begin(name: string, address: string, isAtHome: () => Promise<boolean>) {
    const limits = limitsOf(name, address)
    const counted: Limit[] = [limits.address]
    const cameOff = async () => {
      await throttle.forget(limits.both)
      for (const limit of counted) await throttle.giveBack(limit)
    }
    const seconds = await throttle.secondsToWait(limits.address, limits.both)
    if (seconds > 0 || ((await throttle.isFull(limits.name)) && (await isAtHome()))) return { seconds, cameOff }
    counted.push(limits.name)
    return { seconds: await throttle.secondsToWait(limits.name), cameOff }
  }

  return { begin }
}
