import { startSandbox } from './server.ts'

/** What the person at the terminal can put right: told in one line. */
class StartError extends Error {}

await main().catch((error: unknown) => {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
})

async function main() {
  const port = readPort()
  const file = process.env['SANDBOX_FILE']
  const sandbox = await startSandbox({ port, ...(file ? { file } : {}), log: console.error }).catch(
    (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
      throw new StartError(`Порт ${port} занят. Остановите другую программу или задайте SANDBOX_PORT`)
    },
  )

  console.log(`Песочница amoCRM: ${sandbox.url}`)
  console.log(`Ключи для подключения: curl ${sandbox.url}/__sandbox/credentials`)
  console.log(
    file ? `Данные хранятся в файле ${file}` : 'Данные хранятся до остановки (SANDBOX_FILE оставит их в файле)',
  )

  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
}

function readPort(): number {
  const text = process.env['SANDBOX_PORT']?.trim() || '3001'
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new StartError(`SANDBOX_PORT — не номер порта: «${text}». Нужно целое число от 0 до 65535`)
}
