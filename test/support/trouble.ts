import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numberedOrders } from './numbered-orders.ts'
import { type Answer, type StreamOptions, streamOrders } from './order-stream.ts'
import { postOrder } from './parom.ts'
import { aloneOn, residentBytes, startProcess } from './process.ts'
import { compareWithStored } from './stored-orders.ts'

interface Flood extends Pick<StreamOptions, 'connections' | 'padding'> {
  patience: number
}

/** A server as `npm start` runs it, whose store is in trouble, and a sender that remembers every answer. */
export async function startInTrouble(databaseUrl: string) {
  const env = await aloneOn(databaseUrl)
  const server = await startProcess(env)
  const port = Number(env.PORT)
  const url = `http://127.0.0.1:${port}`
  const pid = server.child.pid ?? 0
  const answers: Answer[] = []
  let last = 0

  const remember = (answer: Answer) => {
    answers.push(answer)
    return answer
  }

  return {
    url,
    pid,
    /** Sends an order, a new one unless its number is given. */
    async post(number = ++last) {
      const { status, body, headers } = await postOrder(url, numberedOrders.webhook.body(number))
      const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
      return remember({ number, status, id: body.id ?? '', duplicate: body.duplicate ?? false, retryAfter })
    },

    /** Many at once, each order sent once; after `patience` ms no more. Tells by how many bytes the server grew meanwhile. */
    async flood(orders: number, { patience, ...options }: Flood) {
      const before = residentBytes(pid)
      let most = before
      const watch = setInterval(() => {
        if (server.child.exitCode === null && server.child.signalCode === null)
          most = Math.max(most, residentBytes(pid))
      }, 50)
      const giveUp = setTimeout(() => server.kill('SIGKILL'), patience)
      const end = last + orders
      const outcome = await streamOrders({ ...options, port, next: () => (last < end ? ++last : null) })
      clearTimeout(giveUp)
      clearInterval(watch)
      for (const answer of outcome.answers) remember(answer)
      return { ...outcome, growth: most - before }
    },

    readyStatus: async () => (await fetch(`${url}/health/ready`)).status,
    liveStatus: async () => (await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(10_000) })).status,
    verdict: () => compareWithStored(databaseUrl, answers),
    close: async () => void (await server.kill('SIGKILL')),
  }
}

/** Lets a running process write nothing to any file, as a disk does that is at its end. */
export function forbidWriting(pid: number) {
  execFileSync('prlimit', ['--pid', String(pid), '--fsize=0:'])
  return { allow: () => execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:']) }
}

/** Whether this user may mount disks; in a container even root may not. */
export function mayMount() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-disk-'))
  try {
    mountSmallDisk(folder).remove()
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** A disk of a few MB that can be filled. */
export function mountSmallDisk(folder: string) {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder], { stdio: 'ignore' })
  const filler = join(folder, 'filler')
  return {
    fill() {
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
    },
    clear: () => rmSync(filler),
    remove: () => void execFileSync('umount', ['--lazy', folder]),
  }
}
