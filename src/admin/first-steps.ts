import type { Request } from 'express'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import type { Checkups } from '../doctor/checkups.ts'

interface FirstStepsOptions {
  checkups: Pick<Checkups, 'last'>
  webhookUrl: (req: Request) => string
  /** Whether orders come in with a token. */
  needsToken: boolean
  /** How many decide about people. */
  countAdmins: () => Promise<number>
  /** Whether somebody is told when something goes wrong. */
  hasAlerts: () => boolean
}

interface Known {
  req: Request
  status: ConnectionStatus
  /** Its id; null: none has come. */
  firstOrder: string | null
  /** Who said that there are backups, and when (unix ms). */
  backup: { at: number; login: string } | null
}

export type FirstSteps = ReturnType<typeof createFirstSteps>

/** What is to be done before an installation is ready, and what of it is done: as it is, not as somebody ticked it. */
export function createFirstSteps({ checkups, webhookUrl, needsToken, countAdmins, hasAlerts }: FirstStepsOptions) {
  return async function firstSteps({ req, status, firstOrder, backup }: Known) {
    const { report } = await checkups.last()
    const errors = report?.findings.filter(({ level }) => level === 'error').length ?? null
    return {
      connected: { isDone: status.state === 'connected' || status.state === 'expiring' },
      fields: { isDone: errors === 0, errors },
      order: { isDone: firstOrder !== null, id: firstOrder, url: webhookUrl(req), needsToken },
      admins: { isDone: (await countAdmins()) > 1 },
      backup: { isDone: backup !== null, ...backup },
      alerts: { isDone: hasAlerts() },
    }
  }
}

export function isAllDone(steps: Awaited<ReturnType<FirstSteps>>) {
  return Object.values(steps).every(({ isDone }) => isDone)
}
