import { startSandbox } from './server.ts'

const port = Number(process.env['SANDBOX_PORT'] || 3001)
const file = process.env['SANDBOX_FILE']

const sandbox = await startSandbox({ port, ...(file ? { file } : {}), log: console.error })

console.log(`Песочница amoCRM: ${sandbox.url}`)
console.log(`Ключи для подключения: curl ${sandbox.url}/__sandbox/credentials`)
console.log(file ? `Данные хранятся в файле ${file}` : 'Данные хранятся до остановки (SANDBOX_FILE оставит их в файле)')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
