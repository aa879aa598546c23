import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Program {
  /** Any of these names, looked for in PATH and /usr/sbin. */
  names: string[]
  /** Debian package that brings it. */
  package: string
}

const needed: Record<'mariadb' | 'chromium' | 'curl' | 'python', Program> = {
  mariadb: { names: ['mariadbd', 'mysqld'], package: 'mariadb-server' },
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium' },
  curl: { names: ['curl'], package: 'curl' },
  python: { names: ['python3'], package: 'python3' },
}

/** The path of a program that the tests need. */
export function findProgram(name: keyof typeof needed): string | null {
  return findInPath(needed[name].names)
}

export function findInPath(names: string[]): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const files = names.flatMap((file) => folders.map((folder) => join(folder, file)))
  return files.find(isExecutable) ?? null
}

/** Installs what is missing where it may (root on Debian); else fails with what to install. */
export function ensurePrograms() {
  const missing = (Object.keys(needed) as (keyof typeof needed)[]).filter((name) => !findProgram(name))
  if (missing.length === 0) return
  const packages = missing.map((name) => needed[name].package)
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) {
    throw new Error(
      `The tests need ${missing.join(' and ')}. On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`,
    )
  }
  console.log(`Installing ${packages.join(', ')} for the tests…`)
  // A package must not start a server of its own on this machine.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'fonts-dejavu-core', ...packages], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function isExecutable(file: string) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
