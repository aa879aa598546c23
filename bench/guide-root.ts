import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const project = join(import.meta.dirname, '..')
const certificates = '/etc/ssl/certs/ca-certificates.crt'
const patienceMs = 10 * 60_000

export interface Outcome {
  exitCode: number
  output: string
  ms: number
}

/**
 * A fresh Debian 12 in a folder, and one shell in it that root goes on typing into. Its processes and mounts are of
 * namespaces of their own: they end with the shell, whatever happens. It shares the network, and so the ports.
 */
export async function createFreshDebian() {
  const root = mkdtempSync(join(tmpdir(), 'parom-debian-'))
  const mirror = mirrorOfThisMachine()
  // Others than root live there, too.
  chmodSync(root, 0o755)
  execFileSync('debootstrap', ['--variant=minbase', 'bookworm', root, mirror], { stdio: 'ignore' })
  prepare(root)
  const shell = startShell(root)
  return {
    run: (command: string) => run(shell, root, command),
    read: (file: string) => readFileSync(join(root, file), 'utf8'),
    async remove() {
      shell.kill('SIGKILL')
      await once(shell, 'exit')
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** What apt of this machine asks; packages come from nowhere else. */
function mirrorOfThisMachine() {
  const folder = '/etc/apt/sources.list.d'
  const files = ['/etc/apt/sources.list', ...readdirSync(folder).map((name) => join(folder, name))]
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'))
  const [mirror] = texts.join('\n').match(/https?:\/\/\S+\/debian\/?(?=\s|$)/) ?? []
  if (!mirror) throw new Error('the sources of apt name no mirror of Debian')
  return mirror
}

/** What a hosting has done before its customer signs in, and what git will ask for. */
function prepare(root: string) {
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost crm.example.ru\n')
  writeFileSync(join(root, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'))
  // Packages start nothing by themselves.
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  // Whoever stands between this machine and the registry of npm.
  execFileSync('mkdir', ['-p', join(root, 'usr/local/share/ca-certificates')])
  writeFileSync(join(root, 'usr/local/share/ca-certificates/machine.crt'), readFileSync(certificates))
  execFileSync('git', ['clone', '--quiet', '--bare', project, join(root, 'srv/parom.git')])
}

function startShell(root: string) {
  const isolated = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--uts']
  const enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" /bin/bash'
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    NODE_EXTRA_CA_CERTS: certificates,
  }
  const shell = spawn('unshare', [...isolated, 'bash', '-c', enter, root], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  shell.stdin.write('exec 2>&1; cd /root\n')
  return shell
}

const end = /\n@@end (\d+)\n$/

/** Types a command into the shell, in which variables and the folder are as the one before has left them. */
async function run(shell: ChildProcess, root: string, command: string): Promise<Outcome> {
  const started = performance.now()
  writeFileSync(join(root, 'tmp/typed'), `${command}\n`)
  let output = ''
  const ended = new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it takes too long: ${command}\n${output}`)), patienceMs)
    const read = (chunk: Buffer) => {
      output += chunk
      const [, code] = end.exec(output) ?? []
      if (code !== undefined) stop(() => resolve(Number(code)))
    }
    const onExit = () => stop(() => reject(new Error(`the shell has ended over: ${command}\n${output}`)))
    function stop(then: () => void) {
      clearTimeout(late)
      shell.stdout?.off('data', read)
      shell.off('exit', onExit)
      then()
    }
    shell.stdout?.on('data', read)
    shell.on('exit', onExit)
  })
  shell.stdin?.write(`. /tmp/typed </dev/null; printf '\\n@@end %s\\n' "$?"\n`)
  const exitCode = await ended
  return { exitCode, output: output.replace(end, '').trim(), ms: performance.now() - started }
}
