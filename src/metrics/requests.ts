import type { RequestListener } from 'node:http'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What a path is for; no path of a request gets into a label. The first that fits counts. */
const routes: [route: string, path: RegExp][] = [
  ['webhook', /^\/api\/order\/create\/?$/i],
  ['order_api', /^\/api\/(create-order|buy-click|callback)\/?$/i],
  ['crm_webhook', /^\/api\/cache\/update\//i],
  ['account_api', /^\/api\/(register|login|logout|change-password|test)(\/|$)/i],
  ['health', /^\/health(\/|$)/i],
  ['metrics', /^\/metrics\/?$/i],
  ['sign_in', /^\/login\/?$/i],
  ['files', /^\/public\//i],
  ['pages', /^\/(app|api|readme|invitations|logout|language)?(\/|$)/i],
]

/** What is asked of this process, and how it is answered. @param basePath folder of the installation */
export function createRequestMetrics(registry: Registry, basePath: string) {
  const registers = [registry]
  const requests = new Counter({
    name: 'parom_http_requests_total',
    help: 'Requests by what they are for and the status they were answered with; aborted: who asked hung up before',
    labelNames: ['route', 'status'],
    registers,
  })
  const took = new Histogram({
    name: 'parom_http_request_seconds',
    help: 'From the head of a request until its answer is sent',
    labelNames: ['route'],
    buckets: seconds,
    registers,
  })
  const underWay = new Gauge({
    name: 'parom_http_requests_under_way',
    help: 'Requests that are being answered now',
    registers,
  })
  const routeOf = createRouter(basePath)

  return {
    counted:
      (listener: RequestListener): RequestListener =>
      (req, res) => {
        const begun = performance.now()
        const route = routeOf(req.url ?? '')
        underWay.inc()
        res.once('close', () => {
          underWay.dec()
          requests.inc({ route, status: res.writableFinished ? String(res.statusCode) : 'aborted' })
          took.observe({ route }, (performance.now() - begun) / 1000)
        })
        listener(req, res)
      },
  }
}

function createRouter(basePath: string) {
  /** Nearly all come to one of these. */
  const usual = new Map<string, string>([
    [`${basePath}/api/order/create`, 'webhook'],
    [`${basePath}/api/create-order`, 'order_api'],
  ])
  const within = `${basePath}/`.toLowerCase()

  return (url: string) => {
    const known = usual.get(url)
    if (known) return known
    const [path = ''] = url.replace(/^https?:\/\/[^/?]+/i, '').split('?')
    if (!`${path}/`.toLowerCase().startsWith(within)) return 'other'
    const inside = path.slice(basePath.length) || '/'
    return routes.find(([, pattern]) => pattern.test(inside))?.[0] ?? 'other'
  }
}
