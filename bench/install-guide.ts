import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { findInPath } from '../test/support/programs.ts'
import { createFreshDebian, type Outcome } from './guide-root.ts'
import { additions, standIns } from './guide-stand-ins.ts'

const guide = join(import.meta.dirname, '../docs/install.ru.md')
const results = join(import.meta.dirname, 'results/install-guide.md')
const ports = [80, 443, 3306, 3901]

interface Line {
  chapter: string
  command: string
  kind: 'as written' | 'stand-in' | 'not tried' | 'added'
  says: string
  outcome: Outcome | null
}

/** Types docs/install.ru.md into a fresh Debian 12, command by command, until an order is delivered; root and debootstrap are needed. */
export async function benchInstallGuide() {
  if (process.getuid?.() !== 0 || !findInPath(['debootstrap']))
    throw new Error('install-guide needs root and debootstrap')
  for (const port of ports) await ensureFree(port)
  const started = performance.now()
  const debian = await createFreshDebian()
  const lines: Line[] = []
  try {
    for (const { chapter, command } of [...commandsOf(readFileSync(guide, 'utf8')), { chapter: '', command: again }]) {
      for (const line of await type(debian, chapter, command)) {
        lines.push(line)
        tell(line)
        if (line.outcome?.exitCode) throw new Error(`${command} ended with ${line.outcome.exitCode}`)
      }
    }
  } finally {
    await debian.remove()
  }
  const summary = summarize(lines, performance.now() - started)
  mkdirSync(join(import.meta.dirname, 'results'), { recursive: true })
  writeFileSync(results, summary)
  console.log(`\n${summary}`)
}

/** After the update, the same order is known still. */
const again = `curl -sS --fail-with-body "https://$SITE/api/order/create" -H "X-Webhook-Token: $TOKEN" --data-binary @test/fixtures/orders/opencart-sample/_webhook.txt | grep duplicate`

/** The commands of the blocks that are marked ```sh vps, each with its here-document. */
function commandsOf(text: string) {
  const commands: { chapter: string; command: string }[] = []
  for (const section of text.split(/^## /m)) {
    const chapter = section.split('\n')[0] ?? ''
    for (const [, block = ''] of section.matchAll(/^```sh vps\n([\s\S]*?)^```/gm)) {
      const waiting = block.trimEnd().split('\n')
      while (waiting.length > 0) {
        const command = [waiting.shift() ?? '']
        const [, word] = /<<'?(\w+)'?/.exec(command[0] ?? '') ?? []
        while (word && waiting.length > 0 && command.at(-1) !== word) command.push(waiting.shift() ?? '')
        // The first that fails ends all that is typed here, too.
        commands.push({ chapter, command: command.join('\n').replace(/ &&$/, '').trim() })
      }
    }
  }
  return commands
}

async function type(debian: Awaited<ReturnType<typeof createFreshDebian>>, chapter: string, command: string) {
  const lines: Line[] = []
  const [standIn, match] = findStandIn(command)
  if (!standIn) lines.push({ chapter, command, kind: 'as written', says: '', outcome: await debian.run(command) })
  else if (!standIn.instead || !match)
    lines.push({ chapter, command, kind: 'not tried', says: standIn.says, outcome: null })
  else {
    const outcome = await debian.run(standIn.instead(match, debian.read))
    lines.push({ chapter, command, kind: 'stand-in', says: standIn.says, outcome })
  }
  for (const { after, run, says } of additions) {
    if (!after.test(command) || command === again) continue
    lines.push({ chapter, command: '', kind: 'added', says, outcome: await debian.run(run) })
  }
  return lines
}

function findStandIn(command: string) {
  for (const standIn of standIns) {
    const match = standIn.command.exec(command)
    if (match) return [standIn, match] as const
  }
  return [null, null] as const
}

function tell({ command, kind, says, outcome }: Line) {
  const seconds = outcome ? `${(outcome.ms / 1000).toFixed(1)} s` : ''
  console.log(`${kind.padEnd(10)} ${seconds.padStart(8)}  ${(command || says).split('\n')[0]}`)
  if (outcome?.exitCode) console.log(outcome.output)
}

function summarize(lines: Line[], ms: number) {
  const ofKind = (kind: Line['kind']) => lines.filter((line) => line.kind === kind)
  const said = (kind: Line['kind']) => [...new Set(ofKind(kind).map(({ says }) => `- ${says}`))].join('\n')
  const outputOf = (start: RegExp) =>
    lines.find(({ command, says }) => start.test(command || says))?.outcome?.output ?? ''
  return `# Руководство по установке, набранное строка за строкой

\`npm run bench -- install-guide\` поставил Debian 12 debootstrap'ом и набрал в нём команды [docs/install.ru.md](../../docs/install.ru.md).
Всего команд: ${lines.filter(({ kind }) => kind !== 'added').length}, за ${Math.round(ms / 1000)} с. Как написано — ${ofKind('as written').length}, с заменой — ${ofKind('stand-in').length}, не опробовано — ${ofKind('not tried').length}.

## Заменено

${said('stand-in')}
- ${additions[0]?.says}

## Не опробовано

${said('not tried')}
- \`cron\`: файл заданий записан, сама копия снята той же командой
- блоки без пометки \`vps\`: восстановление копии, SQLite, переезд на MySQL, кластер. Их проверяют тесты и \`npm run cluster-check\`
- настоящие amoCRM и Let's Encrypt, загрузка машины, ядро сервера

## Что получилось

${[
  'node_modules/.bin/node --version',
  'parom doctor',
  'curl -sS "https',
  'curl -sS --fail',
  'доставлен ли',
  'ls -l /var/backups',
]
  .map((start) => block(start, outputOf(new RegExp(`^${start.replace(/[/.]/g, '\\$&')}`))))
  .join('\n\n')}

${block('тот же заказ после обновления', lines.at(-1)?.outcome?.output ?? '')}
`
}

function block(title: string, output: string) {
  const newest = output.split('\n').slice(-12).join('\n')
  // Nothing of a machine's own.
  return `\`${title}\`\n\n\`\`\`text\n${newest.trim()}\n\`\`\``
}

async function ensureFree(port: number) {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new Error(`port ${port} is taken on this machine`)))
    server.listen(port, () => server.close(() => resolve()))
  })
}
