import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './mariadb.ts'
import { findProgram } from './programs.ts'

const deploy = join(import.meta.dirname, '../../deploy/nginx')
/** The name in the files of `deploy/nginx/`. */
export const siteName = 'crm.example.ru'

export type Nginx = Awaited<ReturnType<typeof startNginx>>

/**
 * The real nginx with a file of `deploy/nginx/`, in a folder of its own.
 * @param replaced what stands otherwise in it than on a server: addresses of Parom
 */
export async function startNginx(file: string, replaced: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'parom-nginx-'))
  const [port, httpPort] = [await freePort(), await freePort()]
  const ca = makeCertificate(folder)
  const here: Record<string, string> = {
    'listen [::]:443 ssl http2;': '',
    'listen [::]:80;': '',
    'listen 443 ': `listen 127.0.0.1:${port} `,
    'listen 80;': `listen 127.0.0.1:${httpPort};`,
    'listen 127.0.0.1:9301;': `listen 127.0.0.1:${port};`,
    'listen 127.0.0.1:9302;': `listen 127.0.0.1:${httpPort};`,
    '/etc/nginx/snippets/': `${deploy}/snippets/`,
    '/var/log/nginx/': `${folder}/`,
    [`/etc/letsencrypt/live/${siteName}/`]: `${folder}/`,
    ...replaced,
  }
  const text = Object.entries(here).reduce(
    (so, [before, after]) => so.replaceAll(before, after),
    readFileSync(join(deploy, file), 'utf8'),
  )
  writeFileSync(join(folder, 'parom.conf'), text)
  writeFileSync(join(folder, 'nginx.conf'), mainFile(folder))
  const child = spawn(findProgram('nginx') ?? 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  await untilListening(
    port,
    () => child.exitCode === null,
    () => complaint,
  )

  return {
    port,
    httpPort,
    ca,
    /** All that it has written. */
    logs: () =>
      ['parom.log', 'parom-error.log', 'other.log']
        .map((name) => join(folder, name))
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, 'utf8'))
        .join('') + complaint,
    /** `fetch` for somebody at this address of the machine, who takes nginx for the site. */
    from: (address: string) => fetchFrom({ address, port, ca }),
    async close() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function mainFile(folder: string) {
  const asRoot = process.getuid?.() === 0 ? 'user root;' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `${asRoot}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/other.log crit;
events { worker_connections 512; }
http {
    access_log off;
    ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n    ')}
    include ${folder}/parom.conf;
}
`
}

function makeCertificate(folder: string) {
  const [certificate, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', `/CN=${siteName}`, '-addext', `subjectAltName=DNS:${siteName}`]
  execFileSync(findProgram('openssl') ?? 'openssl', ['req', ...kind, ...name, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  return readFileSync(certificate, 'utf8')
}

async function untilListening(port: number, isAlive: () => boolean, complaint: () => string) {
  for (let tries = 0; tries < 100 && isAlive(); tries++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const probe = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      probe.on('connect', () => probe.destroy())
    })
    if (isThere) return
    await sleep(20)
  }
  throw new Error(`nginx does not listen:\n${complaint()}`)
}

function fetchFrom({ address, port, ca }: { address: string; port: number; ca: string }) {
  return async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(url)
    const headers = { ...Object.fromEntries(new Headers(init.headers)), host: siteName }
    const asked = request({
      ...{ host: '127.0.0.1', port, ca, localAddress: address, servername: siteName, headers, agent: false },
      method: init.method ?? 'GET',
      path: pathname + search,
    })
    asked.end(init.body ?? undefined)
    const [res] = await once(asked, 'response')
    const told = new Headers()
    for (let at = 0; at < res.rawHeaders.length; at += 2) told.append(res.rawHeaders[at], res.rawHeaders[at + 1])
    const body = await buffer(res)
    const isBare = res.statusCode === 204 || res.statusCode === 304
    return new Response(isBare ? null : body, { status: res.statusCode, headers: told })
  }
}
