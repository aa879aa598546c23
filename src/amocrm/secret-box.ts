import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

export type SecretBox = ReturnType<typeof createSecretBox>

/**
 * Secrets at rest: AES-256-GCM. What is sealed names its key, so that keys can be changed while old secrets stay readable.
 * @param appKeys base64; the first seals, all open
 */
export function createSecretBox(appKeys: string[]) {
  const keys = appKeys.map(deriveKey)
  const [current] = keys
  if (!current) throw new Error('a secret box needs a key')

  return {
    /** @param place where the secret is kept; it opens nowhere else */
    seal(secret: string, place: string): string {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, iv).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return ['v1', current.id, Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')].join('.')
    },

    /** Null where no key fits, or where the secret was kept somewhere else. */
    open(sealed: string, place: string): string | null {
      const [version, id, content = ''] = sealed.split('.')
      const found = keys.find((candidate) => candidate.id === id)
      if (version !== 'v1' || !found) return null
      const bytes = Buffer.from(content, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', found.key, bytes.subarray(0, 12), { authTagLength: 16 })
        decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(12, 28))
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
      } catch {
        return null
      }
    },

    /** Whether it was sealed with the first key. */
    isCurrent: (sealed: string) => sealed.split('.')[1] === current.id,
  }
}

function deriveKey(appKey: string) {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(appKey, 'base64'), '', 'tokens', 32))
  return { key, id: createHash('sha256').update(key).digest('hex').slice(0, 8) }
}
