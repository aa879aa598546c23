import { databaseUrl } from '../config/derive.ts'
import type { Translate } from '../config/translate.ts'
import { type Copied, CopyError } from '../database/moving/copy-table.ts'
import { nameOf } from '../database/moving/mark.ts'
import { type Moved, MoveRefusal, moveDatabase, reopenDatabase } from '../database/moving/move.ts'
import { readArguments, UsageError } from './command-line.ts'
import { createProgressBar, inMinutes } from './progress-bar.ts'

/** `again`: it is not over, the same is to be called once more. */
const exitCodes = { fine: 0, failed: 1, again: 3 }

/** `npx parom db move <from> <to>` and `npx parom db reopen <url>`. */
export async function db(args: string[], translate: Translate) {
  const [task, ...urls] = readArguments({ args, allowPositionals: true }).positionals
  const [from, to] = urls.map(readUrl)
  if (task === 'move' && from && to && urls.length === 2) return tellFaults(() => move(from, to, translate), translate)
  if (task === 'reopen' && from && urls.length === 1) return tellFaults(() => reopen(from, translate), translate)
  throw new UsageError()
}

/** Null where it is no address of a database. `env:NAME` stands for a variable, whose password nobody sees among the processes. */
function readUrl(word: string) {
  const [, name] = /^env:(\w+)$/.exec(word) ?? []
  const url = name ? (process.env[name] ?? '') : word
  if (!/^(sqlite:.|mysql:\/\/.)/.test(url) || url === 'sqlite::memory:') return null
  return databaseUrl(url, '', process.cwd())
}

async function tellFaults(work: () => Promise<number>, translate: Translate) {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MoveRefusal) {
      console.error(translate('cli.db.refused', { why: faultText(error, translate) }))
      return exitCodes.failed
    }
    const message = error instanceof Error ? error.message || String(error) : String(error)
    console.error(translate(error instanceof CopyError ? 'cli.db.differs' : 'cli.db.broken_off', { message }))
    return exitCodes.failed
  }
}

function faultText({ fault, params }: MoveRefusal, translate: Translate) {
  return translate(faultTexts[fault] ?? fault, params)
}

const faultTexts: Record<string, string> = {
  same: 'cli.db.fault.same',
  no_source: 'cli.db.fault.no_source',
  source_none: 'cli.db.fault.source_none',
  source_older: 'cli.db.fault.source_older',
  source_foreign: 'cli.db.fault.source_foreign',
  target_used: 'cli.db.fault.target_used',
  target_full: 'cli.db.fault.target_full',
  target_filling: 'cli.db.fault.target_filling',
  leaving: 'cli.db.fault.leaving',
  left: 'cli.db.fault.left',
  served_again: 'cli.db.fault.served_again',
  reopened: 'cli.db.fault.reopened',
  not_moved: 'cli.db.fault.not_moved',
  not_whole: 'cli.db.fault.not_whole',
}

async function move(from: string, to: string, translate: Translate) {
  const names = { from: nameOf(from), to: nameOf(to) }
  console.log(translate('cli.db.begin', names))
  const progress = createProgressBar(process.stderr, translate)
  const stopping = new AbortController()
  const stop = () => stopping.abort(new Error(translate('cli.db.stopped')))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const begunAt = Date.now()
  const moved = await moveDatabase(from, to, { progress, stop: stopping.signal, now: Date.now }).finally(() => {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  })
  progress.end()
  console.log(summary(moved, translate))
  const took = inMinutes((Date.now() - begunAt) / 1000)
  console.log(translate(moved.isComplete ? 'cli.db.done' : 'cli.db.first_round', { ...names, took }))
  return moved.isComplete ? exitCodes.fine : exitCodes.again
}

function summary({ tables }: Moved, translate: Translate) {
  const head = ['table', 'equal', 'written', 'removed', 'digest'] as const
  const titles: Record<(typeof head)[number], string> = {
    table: translate('cli.db.table'),
    equal: translate('cli.db.equal'),
    written: translate('cli.db.written'),
    removed: translate('cli.db.removed'),
    digest: translate('cli.db.digest'),
  }
  const shown = (copied: Copied) => head.map((column) => String(copied[column]).slice(0, 16))
  const full = tables.filter(({ equal, written, removed }) => equal + written + removed > 0)
  const lines = [head.map((column) => titles[column]), ...full.map(shown)]
  const widths = head.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

async function reopen(url: string, translate: Translate) {
  await reopenDatabase(url, Date.now())
  console.log(translate('cli.db.reopened', { from: nameOf(url) }))
  return exitCodes.fine
}
