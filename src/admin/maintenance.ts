import type { Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import { backupFolder, lastBackupAt } from '../database/backup.ts'
import type { Instances } from '../database/instances.ts'
import { sqliteFile } from '../database/sqlite-file.ts'
import type { Retention } from '../inbox/retention-job.ts'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

/** What can be done about a server that runs. */
export interface Upkeep {
  /** Reads the settings anew, here and in all other processes; those before stay in force where there are faults. */
  reload: () => Promise<{ faults: string[]; needsRestart: string[] }>
  /** Everything that was read from amoCRM is read again when it is next needed. */
  clearCaches: () => Promise<void>
}

/** Why processes of this machine ended or could not start, newest first. */
export interface Crashes {
  /** @param since Unix ms */
  recent: (since: number) => { at: number; pid: number; reason: string; stack: string[] }[]
}

interface MaintenanceOptions {
  upkeep: Upkeep
  instances: Pick<Instances, 'all'>
  crashes: Crashes
  retention: Pick<Retention, 'standing'>
  config: Config
  audit: Audit
  render: Render
  /** Unix ms. */
  now: () => number
}

const access = 'maintenance'
const crashesShownFor = 24 * 60 * 60_000

/** `/app/maintenance`, and what can be done there at addresses of its own: a GET says what will happen, a POST does it. */
export function createMaintenance(options: MaintenanceOptions): Route[] {
  const { upkeep, instances, crashes, retention, config, audit, render, now } = options
  return [
    { method: 'get', path: '/app/maintenance', access, handle: overview },
    { method: 'get', path: '/api/cache/clear', access, handle: (req, res) => showCaches(req, res) },
    { method: 'post', path: '/api/cache/clear', access, handle: clearCaches },
    { method: 'get', path: '/api/cache/config', access, handle: (req, res) => showSettings(req, res) },
    { method: 'post', path: '/api/cache/config', access, handle: reload },
  ]

  async function overview(req: Request, res: Response) {
    render(req, res, 'maintenance/index.njk', {
      processes: await running(),
      crashes: crashes.recent(now() - crashesShownFor),
      retention: await retention.standing(),
      backup: lastBackup(),
    })
  }

  /** Where the database is a server's, we know of none. */
  function lastBackup() {
    const file = sqliteFile(config.app.databaseUrl)
    return { isKnown: file !== null, at: file === null ? null : lastBackupAt(backupFolder(file), config.env) }
  }

  async function running() {
    return (await instances.all()).filter(({ isAlive }) => isAlive)
  }

  function showCaches(req: Request, res: Response, isDone = false) {
    const caches = Object.entries(config.system.cache).map(([key, { ttl, desc }]) => ({ name: desc ?? key, ttl }))
    render(req, res, 'maintenance/caches.njk', { caches, isDone })
  }

  async function clearCaches(req: Request, res: Response) {
    await upkeep.clearCaches()
    await audit.record(req, { action: 'caches_cleared' })
    showCaches(req, res, true)
  }

  async function showSettings(req: Request, res: Response, outcome: object = {}) {
    render(req, res, 'maintenance/settings.njk', { env: config.env, processes: await running(), ...outcome })
  }

  async function reload(req: Request, res: Response) {
    const { faults, needsRestart } = await upkeep.reload()
    await audit.record(req, { action: 'config_reloaded', became: { faults: faults.length, needsRestart } })
    if (faults.length > 0) res.status(422)
    await showSettings(req, res, { isDone: faults.length === 0, faults, needsRestart })
  }
}
