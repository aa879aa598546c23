import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig } from '../config/load.ts'
import { translateOf } from '../config/translate.ts'
import { backupFolder, backupName, backupSqlite, backupsIn, brokenOffIn } from '../database/backup.ts'
import { sqliteFile } from '../database/sqlite-file.ts'
import { readArguments, UsageError } from './command-line.ts'
import { createProgressBar } from './progress-bar.ts'

const exitCodes = { fine: 0, failed: 1, usage: 2 }

/** `npx parom backup [file] [--keep <number>]`. */
export async function backup(args: string[]) {
  const config = await loadConfig(process.env)
  const translate = translateOf(config)
  const wanted = readOptions(args)
  const database = sqliteFile(config.app.databaseUrl)
  if (database === null) {
    console.error(translate('cli.backup.mysql'))
    return exitCodes.usage
  }
  const folder = backupFolder(database)
  const into = wanted.file ?? join(folder, backupName(config.env, new Date()))
  if (existsSync(into)) {
    console.error(translate('cli.backup.there', { file: into }))
    return exitCodes.failed
  }
  const progress = createProgressBar(process.stderr, translate)
  let before = 0
  try {
    const { counts, bytes } = await backupSqlite(database, into, ({ total, done }) => {
      if (before === 0) progress.total(total)
      progress.rows(done - before)
      before = done
    })
    const orders = counts['messages'] ?? 0
    console.log(translate('cli.backup.done', { file: into, orders, size: (bytes / 2 ** 20).toFixed(1) }))
  } catch (error) {
    console.error(translate('cli.backup.failed', { message: error instanceof Error ? error.message : String(error) }))
    return exitCodes.failed
  }
  const removed = wanted.keep === null ? [] : removeOld(folder, config.env, wanted.keep)
  for (const file of removed) console.log(translate('cli.backup.removed', { file }))
  console.log(translate('cli.backup.also'))
  return exitCodes.fine
}

function readOptions(args: string[]) {
  const options = { keep: { type: 'string' } } as const
  const { values, positionals } = readArguments({ args, options, allowPositionals: true })
  const [file, ...others] = positionals
  const keep = values.keep === undefined ? null : Number(values.keep)
  if (others.length > 0) throw new UsageError()
  if (keep !== null && (file !== undefined || !Number.isInteger(keep) || keep < 1)) throw new UsageError()
  return { file: file === undefined ? null : resolve(file), keep }
}

/** Of our own naming only. */
function removeOld(folder: string, env: string, keep: number) {
  const old = [...backupsIn(folder, env).slice(0, -keep), ...brokenOffIn(folder, env, Date.now())]
  for (const name of old) rmSync(join(folder, name))
  return old
}
