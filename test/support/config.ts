import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Users } from '../../src/config/schema.ts'

const sample = join(import.meta.dirname, '../../config')

/** A copy of the sample configuration, with other people in it, in a folder that `remove` deletes. */
export function configWithUsers(users: Users) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
  cpSync(sample, folder, { recursive: true })
  writeFileSync(join(folder, 'users.ts'), `export default ${JSON.stringify(users)}`)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
