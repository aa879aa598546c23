import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { freshMariadb } from '../support/databases.ts'

const script = join(import.meta.dirname, '../../deploy/mysql/backup.sh')

function backup(...args: string[]) {
  return new Promise<{ code: unknown; output: string }>((resolve) =>
    execFile(script, args, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: `${stdout}${stderr}` }),
    ),
  )
}

it('deploy/mysql/backup.sh makes whole dumps for its owner alone, and keeps the latest of its own naming', async () => {
  const url = await freshMariadb()
  const { hostname, port, pathname } = new URL(url)
  const name = pathname.slice(1)
  const folder = mkdtempSync(join(tmpdir(), 'parom-dumps-'))
  const access = join(folder, 'access.cnf')
  writeFileSync(access, `[client]\nhost = ${hostname}\nport = ${port}\nuser = root\n`)
  chmodSync(access, 0o644)
  expect(await backup(access, name, folder)).toMatchObject({ code: 1, output: expect.stringContaining('chmod 600') })
  chmodSync(access, 0o600)

  const old = [1, 2, 3].map((day) => `${name}-2020-01-0${day}T00-00-00Z.sql.gz`)
  for (const file of [...old, 'mine.sql.gz', `other-2020-01-01T00-00-00Z.sql.gz`]) writeFileSync(join(folder, file), '')
  const made = await backup('--keep', '2', access, name, folder)
  expect(made).toMatchObject({ code: 0 })
  const file = made.output.trim()
  const left = readdirSync(folder)
  expect(left).toEqual(expect.arrayContaining(['mine.sql.gz', 'other-2020-01-01T00-00-00Z.sql.gz', old[2]]))
  expect(left.filter((each) => each.startsWith(name))).toHaveLength(2)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = gunzipSync(readFileSync(file)).toString()
  expect(text).toMatch(/CREATE TABLE `messages`[\s\S]*-- Dump completed[\s\S]*DELETE FROM sessions;/)

  expect(await backup(access, 'no_such_database', folder)).toMatchObject({ code: 2 })
  expect(readdirSync(folder).sort(), 'nothing half made is left').toEqual(left.sort())
  expect(await backup(access, name)).toMatchObject({
    code: 2,
    output: expect.stringContaining('backup.sh [--keep 14]'),
  })
})
