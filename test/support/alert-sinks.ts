import { once } from 'node:events'
import { createServer as createHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'

export const botToken = '123456:AAbbCCddEEff-secret'

/** A Telegram and a webhook on loopback that remember what they were told. */
export async function startHttpSink() {
  const messages: { chat_id: string; text: string; [key: string]: unknown }[] = []
  const hooks: { headers: IncomingHttpHeaders; body: string }[] = []
  const answers: { status: number; body: object; headers?: Record<string, string> }[] = []
  let tries = 0
  const http = createHttp(async (req, res) => {
    tries += 1
    const body = await textOf(req)
    const { status, headers = {}, body: answer } = answers.shift() ?? { status: 200, body: { ok: true, result: {} } }
    if (status === 200 && req.url === `/bot${botToken}/sendMessage`) messages.push(JSON.parse(body))
    else if (status === 200) hooks.push({ headers: req.headers, body })
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
  })
  await listening(http)
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    messages,
    hooks,
    tries: () => tries,
    /** Answers so the next time, in place of taking it. */
    refuseOnce: (status: number, body: object, headers: Record<string, string> = {}) =>
      answers.push({ status, body, headers }),
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

async function textOf(req: IncomingMessage) {
  let text = ''
  for await (const chunk of req.setEncoding('utf8')) text += chunk
  return text
}

/** A mail server that takes every mail of who has the password. */
export async function startMailSink({ password = 'mail-secret' } = {}) {
  const mails: string[] = []
  const server = createTcp((socket) => {
    converse(socket, password, mails)
    socket.on('error', () => {})
  })
  await listening(server)
  return {
    url: `smtp://parom:${password}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

function converse(socket: Socket, password: string, mails: string[]) {
  let mail: string | null = null
  let pending = ''
  const say = (line: string) => socket.write(`${line}\r\n`)
  say('220 sink')
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    pending += chunk
    for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
      const line = pending.slice(0, end)
      pending = pending.slice(end + 2)
      if (mail !== null && line === '.') {
        mails.push(mail)
        mail = null
        say('250 2.0.0 taken as 42')
      } else if (mail !== null) mail += `${line}\n`
      else if (/^DATA/i.test(line)) {
        mail = ''
        say('354 go on')
      } else answer(line)
    }
  })

  function answer(line: string) {
    const plain = /^AUTH PLAIN (.+)/i.exec(line)?.[1]
    if (/^EHLO/i.test(line)) say('250-sink\r\n250 AUTH PLAIN')
    else if (plain && Buffer.from(plain, 'base64').toString() !== `\0parom\0${password}`)
      say(`535 5.7.8 wrong: ${Buffer.from(plain, 'base64').toString().split('\0').join(' ')}`)
    else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
    else say('250 fine')
  }
}

async function listening(server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}
