import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'

const lookAgainMs = 100
const answerMs = 3000

/** Waits until the server of these settings can store orders. @param args for how many seconds at most; none to look once */
export async function waitUntilReady({ app }: Config, translate: Translate, [seconds = '0']: string[]) {
  const until = performance.now() + Number(seconds) * 1000
  for (;;) {
    if (await isReady(app)) return 0
    if (!(performance.now() < until)) break
    await sleep(lookAgainMs)
  }
  console.error(translate('cli.ready.not'))
  return 1
}

function isReady({ socket, host, port, basePath }: Config['app']) {
  const anywhere = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const where = socket === null ? { host: anywhere, port } : { socketPath: socket }
  return new Promise<boolean>((resolve) => {
    const signal = AbortSignal.timeout(answerMs)
    const asked = get({ ...where, path: `${basePath}/health/ready`, signal }, (res) => {
      res.resume()
      resolve(res.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
  })
}
