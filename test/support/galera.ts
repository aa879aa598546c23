import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { createMysqlDatabase, freePort, installData, mariadbProgram, thatForgets } from './mariadb.ts'
import { findProgram } from './programs.ts'

export type Galera = Awaited<ReturnType<typeof startGalera>>
export type GaleraNode = ReturnType<typeof createNode>

/** Ms after which a node that says nothing is shut out: on a machine that has much to do it may only be late. */
const suspectAfter = 2500
const readyWithin = 40_000

/**
 * A cluster of three MariaDB servers on this machine, with its data in a temporary folder.
 * @param options for each server
 */
export async function startGalera(options: string[] = thatForgets) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-galera-'))
  const ports = [await portsOfNode(), await portsOfNode(), await portsOfNode()] as const
  const nodes = [nodeOf(0), nodeOf(1), nodeOf(2)] as const

  function nodeOf(index: 0 | 1 | 2) {
    const name = `node-${index + 1}`
    const data = join(folder, name)
    const own = ports[index]
    const args = [...commonArgs(name, data, own), ...clusterArgs(ports, own), ...options]
    return createNode({ name, data, port: own.sql, args })
  }

  /** Until each of these sees as many as there are of them. */
  async function untilReady(some: readonly Pick<GaleraNode, 'standing' | 'name'>[] = nodes) {
    const deadline = performance.now() + readyWithin
    for (const node of some) {
      for (;;) {
        const { isReady, size, state } = await node.standing()
        if (isReady && size === some.length && state === 'Synced') break
        if (performance.now() > deadline)
          throw new Error(`${node.name} is not ready: ${size} nodes, ${state}\n${faults()}`)
        await sleep(50)
      }
    }
  }

  try {
    const [first, ...others] = nodes
    installData(first.data)
    first.launch(['--wsrep-new-cluster'])
    await untilReady([first])
    // They get all that they need from the first.
    for (const node of others) {
      mkdirSync(node.data)
      node.launch()
      await untilReady(nodes.slice(0, nodes.indexOf(node) + 1))
    }
  } catch (error) {
    await stop()
    throw error
  }

  /** What the servers complain of. */
  function faults() {
    const logs = nodes.map(({ logFile }) => readFileSync(logFile, 'utf8'))
    return logs.flatMap((log) => log.split('\n').filter((line) => line.includes('[ERROR]'))).join('\n')
  }

  async function stop() {
    await Promise.all(nodes.map((node) => node.kill()))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  return {
    nodes,
    untilReady,
    stop,
    /** How many transactions have lost against those of other nodes, at the commit or before. */
    async lostCertifications(some: readonly GaleraNode[] = nodes) {
      const standings = await Promise.all(some.map(({ standing }) => standing()))
      return standings.reduce((sum, each) => sum + each.lost, 0)
    },
    /** A database that nobody has used yet: how each node is asked for it, and all of them in the order that begins with that one. */
    async createDatabase(tables?: string) {
      const made = await createMysqlDatabase(nodes[0]?.url ?? '', { tables })
      const { pathname } = new URL(made)
      const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`)
      return {
        name: pathname.slice(1),
        urls: nodes.map(({ url }) => `${url}${pathname}`),
        clusterUrls: hosts.map(
          (_, index) => `mysql://root@${[...hosts.slice(index), ...hosts.slice(0, index)].join()}${pathname}`,
        ),
      }
    },
  }
}

interface Ports {
  sql: number
  group: number
  ist: number
}

async function portsOfNode(): Promise<Ports> {
  const [sql, group, ist] = await Promise.all([freePort(), freePort(), freePort()])
  return { sql, group, ist }
}

function commonArgs(name: string, data: string, { sql }: Ports) {
  return [
    '--no-defaults',
    `--wsrep-node-name=${name}`,
    `--datadir=${data}`,
    `--socket=${data}.sock`,
    `--pid-file=${data}.pid`,
    `--log-error=${data}.log`,
    `--port=${sql}`,
    '--bind-address=127.0.0.1',
    '--max-connections=200',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    '--innodb-flush-log-at-trx-commit=1',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ]
}

function clusterArgs(ports: readonly Ports[], own: Ports) {
  const provider = {
    base_host: '127.0.0.1',
    base_port: own.group,
    'gmcast.listen_addr': `tcp://127.0.0.1:${own.group}`,
    'ist.recv_addr': `127.0.0.1:${own.ist}`,
    'gcache.size': '64M',
    'evs.suspect_timeout': seconds(suspectAfter),
    'evs.inactive_timeout': seconds(3 * suspectAfter),
    'evs.inactive_check_period': seconds(suspectAfter / 5),
    'evs.keepalive_period': seconds(suspectAfter / 5),
    'evs.install_timeout': seconds(3 * suspectAfter),
  }
  return [
    '--wsrep-on=ON',
    `--wsrep-provider=${findProgram('galera')}`,
    '--wsrep-cluster-name=parom-test',
    `--wsrep-cluster-address=gcomm://${ports.map(({ group }) => `127.0.0.1:${group}`).join()}`,
    '--wsrep-node-address=127.0.0.1',
    '--wsrep-sst-method=copy',
    `--wsrep-provider-options=${Object.entries(provider)
      .map((pair) => pair.join('='))
      .join(';')}`,
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
  ]
}

function seconds(ms: number) {
  return `PT${ms / 1000}S`
}

interface NodeParts {
  name: string
  data: string
  port: number
  args: string[]
}

function createNode({ name, data, port, args }: NodeParts) {
  const url = `mysql://root@127.0.0.1:${port}`
  const env = { ...process.env, PATH: [join(import.meta.dirname, 'galera'), process.env['PATH']].join(delimiter) }
  let child: ChildProcess | null = null

  function launch(more: string[] = []) {
    child = spawn(mariadbProgram(), [...args, ...more], { env, stdio: 'ignore' })
  }

  /** What it had written down when it was killed; the rest it gets from the others. */
  function recoverPosition() {
    const log = `${data}.recovery.log`
    const recovery = args.map((arg) => (arg.startsWith('--log-error=') ? `--log-error=${log}` : arg))
    spawnSync(mariadbProgram(), [...recovery, '--wsrep-recover', '--skip-networking'], { env, stdio: 'ignore' })
    const found = execFileSync('grep', ['-o', 'Recovered position: .*', log], { encoding: 'utf8' }).trim().split('\n')
    return found.at(-1)?.split(': ')[1] ?? ''
  }

  async function run(statement: string): Promise<Record<string, unknown>[]> {
    const connection = await createConnection({ uri: url, connectTimeout: 1000 })
    try {
      const [rows] = await connection.query<[]>({ sql: statement, timeout: 3000 })
      return rows
    } finally {
      connection.destroy()
    }
  }

  async function end(signal: NodeJS.Signals) {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }

  return {
    name,
    data,
    url,
    port,
    logFile: `${data}.log`,
    launch,
    run,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    /** It says nothing more, and nobody can tell whether it is the network or the machine. */
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    /** The others do not reach it any more, but its clients do. */
    async isolate(isCutOff: boolean) {
      await run(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=${Number(isCutOff)}'`)
    },
    /** It lags behind the others until what this gives is called. */
    async holdBack() {
      const connection = await createConnection(url)
      await connection.query('FLUSH TABLES WITH READ LOCK')
      return () => connection.end()
    },
    /** Starts again who was killed. */
    rejoin() {
      launch([`--wsrep-start-position=${recoverPosition()}`])
    },
    async standing() {
      const rows = await run("SHOW GLOBAL STATUS LIKE 'wsrep%'").catch(() => [])
      const of = (name: string) => String(rows.find((row) => row['Variable_name'] === name)?.['Value'] ?? '')
      return {
        isReady: of('wsrep_ready') === 'ON',
        size: Number(of('wsrep_cluster_size')),
        state: of('wsrep_local_state_comment'),
        lost: Number(of('wsrep_local_cert_failures')) + Number(of('wsrep_local_bf_aborts')),
      }
    },
  }
}
