import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Store } from '../store/store.ts'

/** All sandboxes of a process share one, since making it takes longer than all else that a sandbox does at its start. */
let keyOfProcess: KeyObject | undefined

/** Signs claims as an RS256 JWT. The key is made when it is first needed and kept with the state. */
export function createSigner(store: Store): (claims: object) => string {
  let signingKey: KeyObject | undefined

  return (claims) => {
    const unsigned = unsignedToken('RS256', claims)
    return `${unsigned}.${sign('sha256', Buffer.from(unsigned), key()).toString('base64url')}`
  }

  function key(): KeyObject {
    signingKey ??= savedKey() ?? newKey()
    return signingKey
  }

  function savedKey() {
    const pem = store.keys.get('jwt')?.value
    return typeof pem === 'string' ? createPrivateKey(pem) : undefined
  }

  function newKey() {
    keyOfProcess ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    store.keys.put({ id: 'jwt', value: keyOfProcess.export({ type: 'pkcs8', format: 'pem' }) })
    return keyOfProcess
  }
}

/** Signs claims with a secret that the reader has too. */
export function signShared(claims: object, secret: string): string {
  const unsigned = unsignedToken('HS256', claims)
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`
}

const unsignedToken = (alg: string, claims: object) => `${encode({ typ: 'JWT', alg })}.${encode(claims)}`
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
