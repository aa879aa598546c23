import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import type { Translate } from '../config/translate.ts'
import type { Checkups } from '../doctor/checkups.ts'
import type { Report } from '../doctor/doctor.ts'
import { countLevels, describeFinding, groups } from '../doctor/finding.ts'
import type { Audit } from './audit.ts'
import type { Languages } from './language.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

interface DoctorPagesOptions {
  checkups: Checkups
  languages: Languages
  audit: Audit
  render: Render
  log: { error: (details: object, message: string) => void }
}

/** A checkup may take longer, and is then waited for by the page. */
const patienceMs = 1000
const lookAgainSeconds = 3

/** `/app/doctor`: what in the settings does not fit the account, as it was last found. */
export function createDoctorPages({ checkups, languages, audit, render, log }: DoctorPagesOptions): Route[] {
  return [
    { method: 'get', path: '/app/doctor', access: 'maintenance', handle: show },
    { method: 'post', path: '/app/doctor/checks', access: 'maintenance', handle: check },
    { method: 'get', path: '/app/doctor/checks', access: 'maintenance', handle: backToPage },
  ]

  async function show(req: Request, res: Response) {
    const { report, trouble, isRunning } = await checkups.last()
    const findings = report?.findings ?? []
    const translate = languages.translateFor(req)
    if (isRunning) res.setHeader('Refresh', String(lookAgainSeconds))
    render(req, res, 'doctor/index.njk', {
      isDoctor: true,
      isRunning,
      foundAt: report?.foundAt,
      counts: report && countLevels(findings),
      trouble: trouble?.map((finding) => describeFinding(finding, translate)),
      faults: grouped(
        findings.filter(({ level }) => level !== 'ok'),
        translate,
      ),
      fine: grouped(
        findings.filter(({ level }) => level === 'ok'),
        translate,
      ),
    })
  }

  async function check(req: Request, res: Response) {
    const checkup = checkups.run().catch((err: unknown) => log.error({ err }, 'settings could not be checked'))
    await audit.record(req, { action: 'checkup_started' })
    await Promise.race([checkup, sleep(patienceMs)])
    backToPage(req, res)
  }

  function backToPage(req: Request, res: Response) {
    res.redirect(303, `${req.baseUrl}/app/doctor`)
  }
}

function grouped(findings: Report['findings'], translate: Translate) {
  const described = findings.map((finding) => ({ ...finding, ...describeFinding(finding, translate) }))
  return groups
    .map((group) => ({ group, findings: described.filter((finding) => finding.group === group) }))
    .filter((section) => section.findings.length > 0)
}
