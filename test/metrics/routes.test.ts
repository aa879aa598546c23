import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { expect, it, onTestFinished } from 'vitest'
import { createRequestMetrics } from '../../src/metrics/requests.ts'

it.each([
  ['/integra/api/order/create', 'webhook'],
  ['/integra/API/order/create/?token=secret', 'webhook'],
  ['http://shop.example/integra/api/order/create', 'webhook'],
  ['/integra/api/create-order', 'order_api'],
  ['/integra/api/callback?x', 'order_api'],
  ['/integra/api/cache/update/contacts', 'crm_webhook'],
  ['/integra/api/register', 'account_api'],
  ['/integra/health/ready', 'health'],
  ['/integra/metrics', 'metrics'],
  ['/integra/login', 'sign_in'],
  ['/integra/public/parom.css', 'files'],
  ['/integra', 'pages'],
  ['/integra/', 'pages'],
  ['/integra/app/transactions/0190?x=y', 'pages'],
  ['/integra/invitations/secret', 'pages'],
  ['/integra/api/auth', 'pages'],
  ['/integra/wp-login.php', 'other'],
  ['/integral/api/order/create', 'other'],
  ['/api/order/create', 'other'],
  ['/', 'other'],
])('a request to %s is one of %s', async (path, route) => {
  const registry = new Registry()
  const { counted } = createRequestMetrics(registry, '/integra')
  const server = createServer(counted((_req, res) => void res.writeHead(204).end()))
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path }, (answer) => answer.resume().on('end', resolve))
    sent.on('error', reject).end()
  })
  await expect
    .poll(() => registry.getSingleMetricAsString('parom_http_requests_total'))
    .toContain(`{route="${route}",status="204"} 1`)
})
