import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verify } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { isSigningSecret } from '../../src/config/source-schema.ts'
import { freePort } from '../support/mariadb.ts'
import { run, startProcess } from '../support/process.ts'

async function command(args: string[], input = '', env: Record<string, string> = {}) {
  const { exited, output } = run('src/cli/parom.ts', args, env, input)
  return { code: await exited, output: output() }
}

describe('npx parom', () => {
  it('hashes a password from standard input', async () => {
    const { code, output } = await command(['hash-password'], 'пароль из слов\n')
    expect(code).toBe(0)
    expect(output).toMatch(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[^\n]+\n$/)
    expect(await verify(output.trim(), 'пароль из слов')).toBe(true)
  })

  it('refuses a password that is too short', async () => {
    expect(await command(['hash-password'], 'short\n')).toMatchObject({
      code: 1,
      output: expect.stringContaining('не короче 8'),
    })
    expect(await command(['hash-password'])).toMatchObject({ code: 1 })
  })

  it('prints the digest of a token from standard input, as sources.config.ts has it', async () => {
    const { code, output } = await command(['hash-token'], 'correct-horse-battery\r\n')
    const digest = createHash('sha256').update('correct-horse-battery').digest('base64url')
    expect({ code, output }).toEqual({ code: 0, output: `sha256:${digest}\n` })
  })

  it('makes a token and prints it once, with its digest', async () => {
    const { code, output } = await command(['hash-token', '--new'])
    const [token = '', digest] = output.trim().split('\n').slice(-2)
    expect(code).toBe(0)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(digest).toBe((await command(['hash-token'], token)).output.trim())
    expect((await command(['hash-token', '--new'])).output).not.toContain(token)
  })

  it('makes a signing secret that sources.config.ts takes', async () => {
    const { code, output } = await command(['hash-token', '--signing'])
    expect(code).toBe(0)
    expect(isSigningSecret(output.trim())).toBe(true)
  })

  it.each([
    ['a short token', ['hash-token'], 'secret\n', 1, 'не короче 8 знаков'],
    ['a token with a space', ['hash-token'], 'correct horse battery', 1, 'без пробелов'],
    ['a token that no header can carry', ['hash-token'], 'пароль-магазина', 1, 'латинские буквы'],
    ['no token', ['hash-token'], '', 1, 'не короче 8 знаков'],
    ['two wishes at once', ['hash-token', '--new', '--signing'], '', 2, 'npx parom hash-token ['],
    ['a token among the arguments', ['hash-token', 'correct-horse-battery'], '', 2, 'npx parom hash-token ['],
  ])('refuses %s', async (_, args, input, code, words) => {
    const answer = await command(args, input)
    expect(answer).toMatchObject({ code, output: expect.stringContaining(words) })
    expect(answer.output).not.toContain('correct')
  })

  it.each([['--help'], ['-h'], ['help']])('says in a line each what its commands do, asked by %s', async (word) => {
    const { code, output } = await command([word])
    expect(code).toBe(0)
    for (const name of [
      'doctor',
      'plan',
      'redeliver',
      'pause',
      'resume',
      'invite',
      'hash-password',
      'hash-token',
      'import-legacy',
      'sample-order',
      'mysql-schema',
    ])
      expect(output).toMatch(new RegExp(`^  ${name} +[а-я].*$`, 'm'))
  })

  it.each([
    ['doctor', 'npx parom doctor [--json]\n  проверяет'],
    ['plan', 'npx parom plan <file | ->'],
    ['redeliver', 'npx parom redeliver <id>… | --state'],
    ['pause', 'npx parom pause\n  останавливает'],
    ['resume', 'npx parom resume\n  продолжает'],
    ['invite', 'npx parom invite <login> [--role <role>]\n'],
    ['hash-password', 'npx parom hash-password\n  читает пароль'],
    ['hash-token', 'npx parom hash-token [--new | --signing]\n  печатает'],
    ['import-legacy', 'npx parom import-legacy <папка PHP-скрипта>'],
    ['ready', 'npx parom ready [<seconds>]\n  ждёт'],
    ['mysql-schema', 'npx parom mysql-schema\n  печатает'],
  ])('says how %s is used, and does nothing else', async (name, words) => {
    const { code, output } = await command([name, '--help'])
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(words) })
    expect(output.trim().split('\n')).toHaveLength(2)
  })

  it('helps also where the settings are not filled in yet', async () => {
    expect(await command(['--help'], '', { ENV_TYPE: 'prod' })).toMatchObject({ code: 0 })
  })

  it('names its commands to whoever does not know them', async () => {
    expect(await command([])).toMatchObject({ code: 2, output: expect.stringContaining('hash-password') })
    expect(await command(['constructor'])).toMatchObject({ code: 2 })
  })

  it('says that the server must run before a sample order can be sent', async () => {
    const { code, output } = await command(['sample-order'], '', { ENV_TYPE: 'local', PORT: String(await freePort()) })
    expect(code).toBe(1)
    expect(output).toContain('сначала запустите npm start')
  })
})

describe('npm start', () => {
  const prepare = async () => ({
    ENV_TYPE: 'local',
    PORT: String(await freePort()),
    SANDBOX_PORT: String(await freePort()),
    SANDBOX_FILE: join(mkdtempSync(join(tmpdir(), 'parom-start-')), 'sandbox.jsonl'),
    DATABASE_URL: `sqlite:${join(mkdtempSync(join(tmpdir(), 'parom-start-')), 'local.db')}`,
  })

  it('brings up server and sandbox, connected; the sample order becomes one lead, and stays one', async () => {
    const env = await prepare()
    const server = await startProcess(env)
    for (const part of [
      'Паром работает',
      `http://127.0.0.1:${env.PORT}/app/transactions`,
      'admin / admin',
      'npm run sample-order',
    ]) {
      expect(server.output()).toContain(part)
    }

    const first = await command(['sample-order'], '', env)
    expect(first.code).toBe(0)
    expect(first.output).toMatch(new RegExp(`Сделка \\d+: http://127.0.0.1:${env.SANDBOX_PORT}/leads/detail/\\d+`))
    const again = await command(['sample-order'], '', env)
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('второй сделки не будет') })
    await expect.poll(() => server.output()).toContain('order delivered')

    const state = async () =>
      (await (await fetch(`http://127.0.0.1:${env.SANDBOX_PORT}/__sandbox/state`)).json()) as {
        leads: { id: number }[]
      }
    const before = await state()
    expect(before.leads).toHaveLength(1)
    expect(await server.kill('SIGTERM')).toBe(0)

    const second = await startProcess(env)
    expect((await state()).leads).toMatchObject([{ id: before.leads[0]?.id }])
    expect((await command(['sample-order'], '', env)).output).toContain('"duplicate":true')
    expect(await second.kill('SIGINT')).toBe(0)
  })

  it('stops when npm is told to stop', async () => {
    const env = await prepare()
    const npm = spawn('npm', ['start'], { env: { ...process.env, ...env }, stdio: 'ignore' })
    const live = () =>
      fetch(`http://127.0.0.1:${env.PORT}/health/live`).then(
        () => 'live',
        () => 'gone',
      )
    await expect.poll(live, { timeout: 15_000 }).toBe('live')
    npm.kill('SIGTERM')
    await expect.poll(live, { timeout: 10_000 }).toBe('gone')
  })

  it('uses a sandbox that runs already', async () => {
    const env = await prepare()
    const first = await startProcess(env)
    const second = await startProcess({ ...env, PORT: String(await freePort()), DATABASE_URL: 'sqlite::memory:' })
    await expect.poll(() => second.output()).toContain('sandbox runs already')
    await second.kill('SIGTERM')
    await first.kill('SIGTERM')
  })

  it('says which port is taken, and by which variable to choose another', async () => {
    const env = await prepare()
    const first = await startProcess(env)
    const second = run('src/main.ts', [], { ...env, SANDBOX_PORT: String(await freePort()) })
    expect(await second.exited).toBe(1)
    expect(second.output()).toContain(`Порт ${env.PORT} занят`)
    const third = run('src/main.ts', [], { ...env, PORT: String(await freePort()), SANDBOX_PORT: env.PORT })
    expect(await third.exited).toBe(1)
    expect(third.output()).toContain('SANDBOX_PORT')
    await first.kill('SIGTERM')
  })

  it('says in words that the database does not answer', async () => {
    const env = { ...(await prepare()), DATABASE_URL: `mysql://parom:secret@127.0.0.1:${await freePort()}/parom` }
    const server = run('src/main.ts', [], env)
    expect(await server.exited).toBe(1)
    expect(server.output()).toContain('Не удаётся подготовить базу данных (DATABASE_URL): connect ECONNREFUSED')
    expect(server.output()).not.toMatch(/secret| {4}at /)
  })

  it('does not start in prod with what is not filled in', async () => {
    const server = run('src/main.ts', [], { ENV_TYPE: 'prod' })
    expect(await server.exited).toBe(78)
    expect(server.output()).toContain('config/prod/amo.config.ts → domain')
    expect(server.output()).not.toContain('    at ')
  })

  it('writes no token and nothing of the order into its log', async () => {
    const env = { ...(await prepare()), WEBHOOK_TOKEN: 'token-that-nobody-may-read', LOG_LEVEL: 'trace' }
    const server = await startProcess(env)
    await command(['sample-order'], '', env)
    await fetch(`http://127.0.0.1:${env.PORT}/api/order/create?token=${env.WEBHOOK_TOKEN}`, {
      method: 'POST',
      body: 'lastname=Приватный',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    await fetch(`http://127.0.0.1:${env.PORT}/api/order/create?token=${env.WEBHOOK_TOKEN}`, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    })
    await server.kill('SIGTERM')
    expect(server.output()).toContain('/api/order/create')
    expect(server.output()).not.toMatch(/token-that-nobody-may-read|323232333|Приватный|Bearer/)
  })
})
