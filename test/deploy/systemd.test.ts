import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const unit = read('deploy/systemd/parom@.service')
const all = (key: string) => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)

it('starts Parom as npm start does, and waits longer for its end than it takes', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } }
  expect(all('ExecStart')).toEqual([`/opt/parom/node_modules/.bin/${scripts.start}`])
  const [, stopAtLast = 0] = /const stopAtLast = (\d+)/.exec(read('src/main.ts')) ?? []
  expect(Number(stopAtLast)).toBeGreaterThan(0)
  expect(Number(all('TimeoutStopSec')) * 1000).toBeGreaterThan(Number(stopAtLast))
  expect(read('src/main.ts')).toContain(`exitOfSettings = ${all('RestartPreventExitStatus')}\n`)
})

it('waits for a start until it takes orders, or is over', () => {
  const [, shell = ''] = /^\/bin\/sh -c '(.*)'$/.exec(all('ExecStartPost')[0] ?? '') ?? []
  const ready = '/opt/parom/node_modules/.bin/node src/cli/parom.ts ready 20'
  expect(shell).toContain(ready)
  const wait = (answer: 'true' | 'false', env: Record<string, string>) =>
    spawnSync('/bin/sh', ['-c', shell.replace(ready, answer)], { env, timeout: 1500 }).status
  const { pid: gone } = spawnSync('/bin/true')
  expect(wait('true', { MAINPID: String(process.pid) })).toBe(0)
  expect(wait('false', { MAINPID: String(process.pid) }), 'it goes on waiting').toBe(null)
  expect([wait('false', { MAINPID: String(gone) }), wait('false', {})]).toEqual([1, 1])
})

it('names what Parom knows: every line of the sample environment is read, and its faults are those of what is left blank', async () => {
  const { CONFIG_DIR, ...sample } = parse(read('deploy/systemd/parom.env'))
  expect(CONFIG_DIR).toBe('/etc/parom/config')
  const env = { ...parse(all('Environment').join('\n').replace('%i', '1')), ...sample }
  const error = await loadConfig(env).catch((thrown: unknown) => thrown)
  if (!(error instanceof ConfigError)) throw error
  const variables = error.faults.flatMap(
    ({ where, variable }) => variable ?? /^переменная (\w+)/.exec(where)?.[1] ?? [],
  )
  expect(variables.toSorted()).toEqual(['APP_KEY', 'WEBHOOK_TOKEN'])
  const reader = read('src/config/reader.ts')
  for (const name of Object.keys(env)) if (name !== 'ENV_TYPE') expect(reader).toContain(`${name}:`)
})
