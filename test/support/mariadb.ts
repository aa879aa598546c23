import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { findProgram } from './programs.ts'

export interface MariaDb {
  /** `mysql://root@127.0.0.1:<port>`; a database name may follow. */
  url: string
  readonly pid: number
  /** As an operator does; nobody can reach it meanwhile. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** For tests, which are over when their machine goes down: no write waits for a disk, and tables are cheap to make. */
export const thatForgets = ['--innodb-flush-method=nosync', '--innodb-doublewrite=0', '--innodb-file-per-table=0']

/** A server of one's own, with its data in a temporary folder and a port of its own. It keeps what it was given unless the options say otherwise. */
export async function startMariadb(options: string[] = []): Promise<MariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'parom-mariadb-'))
  installData(join(folder, 'data'))
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []

  const port = await freePort()
  const url = `mysql://root@127.0.0.1:${port}`
  const start = async () => {
    const child = spawn(
      mariadbProgram(),
      [
        '--no-defaults',
        `--datadir=${folder}/data`,
        `--socket=${folder}/mariadb.sock`,
        `--pid-file=${folder}/mariadb.pid`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--innodb-flush-log-at-trx-commit=1',
        '--max-connections=400',
        ...options,
        ...asRoot,
      ],
      { stdio: 'ignore' },
    )
    await untilReady(url, child)
    return child
  }
  let child = await start()
  return {
    url,
    get pid() {
      return child.pid ?? 0
    },
    async restart() {
      await end(child)
      child = await start()
    },
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess) {
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exited
}

export function mariadbProgram() {
  const daemon = findProgram('mariadb')
  if (!daemon) throw new Error('mariadb-server is not installed')
  return daemon
}

/** Makes the folder with what a new server has in it. */
export function installData(folder: string) {
  const installer = join(dirname(dirname(mariadbProgram())), 'bin', 'mariadb-install-db')
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  execFileSync(
    installer,
    ['--no-defaults', `--datadir=${folder}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot],
    { stdio: 'ignore' },
  )
}

/** Gives the URL of a database that nobody has used yet, with the tables that these statements make. */
export async function createMysqlDatabase(
  url: string,
  { name = freshName(), tables }: { name?: string; tables?: string | undefined } = {},
) {
  const connection = await createConnection({ uri: url, multipleStatements: true })
  await connection.query(`CREATE DATABASE ${name}`)
  if (tables) await connection.query(`USE ${name};${tables}`)
  await connection.end()
  return `${url}/${name}`
}

const freshName = () => `parom_${randomUUID().replaceAll('-', '')}`

export function freePort() {
  return new Promise<number>((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function untilReady(url: string, child: ChildProcess) {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`mariadbd ended with code ${child.exitCode}`)
    try {
      await (await createConnection(url)).end()
      return
    } catch {
      await sleep(100)
    }
  }
  throw new Error('mariadbd did not become ready in 30 s')
}
