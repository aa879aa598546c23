import { execFileSync } from 'node:child_process'
import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'

interface Program {
  /** Any of these names, looked for in PATH and /usr/sbin; a whole path, which may hold a *, is that file. */
  names: string[]
  /** Debian package that brings it. */
  package: string
}

const needed = {
  mariadb: { names: ['mariadbd', 'mysqld'], package: 'mariadb-server' },
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium' },
  curl: { names: ['curl'], package: 'curl' },
  python: { names: ['python3'], package: 'python3' },
  php: { names: ['php'], package: 'php-cli' },
  phpCurl: { names: ['/usr/lib/php/*/curl.so'], package: 'php-curl' },
  nginx: { names: ['nginx'], package: 'nginx-light' },
  openssl: { names: ['openssl'], package: 'openssl' },
  galera: { names: ['/usr/lib/galera/libgalera_smm.so'], package: 'galera-4' },
  rsync: { names: ['rsync'], package: 'rsync' },
  promtool: { names: ['promtool'], package: 'prometheus' },
} satisfies Record<string, Program>

/** The path of a program that the tests need. */
export function findProgram(name: keyof typeof needed): string | null {
  return findInPath(needed[name].names)
}

export function findInPath(names: string[]): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const files = names.flatMap((file) =>
    file.includes('*') ? globSync(file) : folders.map((folder) => resolve(folder, file)),
  )
  return files.find(isThere) ?? null
}

/** Installs what is missing where it may (root on Debian); else fails with what to install. */
export function ensurePrograms() {
  const missing = (Object.keys(needed) as (keyof typeof needed)[]).filter((name) => !findProgram(name))
  if (missing.length === 0) return
  const packages = missing.map((name) => needed[name].package)
  if (process.getuid?.() !== 0 || !isThere('/usr/bin/apt-get')) {
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

function isThere(file: string) {
  try {
    // A library need not be executable.
    accessSync(file, file.endsWith('.so') ? constants.R_OK : constants.X_OK)
    return true
  } catch {
    return false
  }
}
