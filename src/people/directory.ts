import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Config } from '../config/load.ts'
import { type Right, rightsOf } from '../config/rights.ts'
import type { Tables } from '../database/tables.ts'
import { createPasswords } from './passwords.ts'
import { createPeople, type Person } from './people.ts'

/** Somebody who may sign in. */
export interface User {
  login: string
  name: string
  roles: string[]
  rights: Right[]
  /** He stands in users.ts, and is changed there only. */
  isInFile: boolean
  /** Another one once his password or roles are others: it makes his sessions void. */
  stamp: string
}

interface Credentials {
  /** Whether anybody has the login, be it that he may not sign in. */
  isKnown: boolean
  user: User | null
  /** Argon2id. */
  password: string | null
}

export type Directory = ReturnType<typeof createDirectory>

interface DirectoryOptions {
  config: Pick<Config, 'users' | 'roles'>
  db: Kysely<Tables>
  /** Unix ms. */
  now: () => number
}

/** Everybody who may sign in: those of users.ts, and those of the database unless users.ts has the login too. */
export function createDirectory({ config, db, now }: DirectoryOptions) {
  const people = createPeople(db, now)
  const passwords = createPasswords(db)
  const inFile = (login: string | undefined) => config.users.find((user) => user.login === login)

  /** Null for whoever may not sign in. */
  async function find(login: string): Promise<User | null> {
    const user = inFile(login)
    if (user) return ofFile(user)
    const person = await people.find(login)
    return person && canSignIn(person) ? ofTable(person) : null
  }

  /** Asks the database the same whoever it is, so that the answer takes as long. */
  async function credentials(login: string): Promise<Credentials> {
    const user = inFile(login)
    const person = await people.find(login)
    const own = await passwords.find(login, user?.invitation?.digest ?? '')
    const password = user ? (user.password ?? own) : (person?.password ?? null)
    const mayEnter = user ?? (person && canSignIn(person))
    if (!password || !mayEnter) return { isKnown: Boolean(user ?? person), user: null, password: null }
    return { isKnown: true, user: user ? ofFile(user) : ofTable(person as Person), password }
  }

  /** Whether anybody has the login, be it that he may not sign in. */
  async function isTaken(login: string) {
    const wanted = login.toLowerCase()
    const all = [...config.users, ...(await people.list())]
    return all.some((each) => each.login.toLowerCase() === wanted)
  }

  /** Whether anybody can sign in who decides about people. */
  async function isManaged() {
    if (managesOutside(await people.list())) return true
    for (const { login, rights, password, invitation } of config.users) {
      if (!rights.includes('people')) continue
      if (password || (invitation && Date.parse(invitation.until) > now())) return true
      if (await passwords.find(login, invitation?.digest ?? '')) return true
    }
    return false
  }

  /** Whether somebody of these can, or somebody of users.ts with a password there. */
  function isManagedBy(persons: Person[]) {
    return managesOutside(persons) || config.users.some(({ rights, password }) => password && rights.includes('people'))
  }

  /** How many can sign in who decide about people. */
  async function countManagers() {
    const inSettings = config.users.filter(({ rights }) => rights.includes('people'))
    return inSettings.length + (await people.list()).filter(isManager).length
  }

  function managesOutside(persons: Person[]) {
    return persons.some(isManager)
  }

  function isManager(person: Person) {
    return !inFile(person.login) && canSignIn(person) && rightsOfPerson(person).includes('people')
  }

  const rightsOfPerson = (person: Person) => rightsOf(person.roles, config.roles)

  function ofTable(person: Person): User {
    const { login, name, roles, password } = person
    return { login, name, roles, rights: rightsOfPerson(person), isInFile: false, stamp: stampOf(password, roles) }
  }

  return { people, passwords, find, credentials, isTaken, isManaged, isManagedBy, countManagers, inFile, ofTable }
}

export function canSignIn({ password, closed_at }: Person) {
  return password !== null && closed_at === null
}

function ofFile({ login, name, roles, rights, password, invitation }: Config['users'][number]): User {
  // A password set by an invitation is never changed but by another one, so the digest of that stands for it.
  const stamp = stampOf(password ?? invitation?.digest ?? '', roles)
  return { login, name, roles, rights, isInFile: true, stamp }
}

function stampOf(secret: string | null, roles: string[]) {
  return createHash('sha256')
    .update(JSON.stringify([secret, roles]))
    .digest('base64url')
}
