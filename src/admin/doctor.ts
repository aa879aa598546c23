import { setTimeout as sleep } from 'node:timers/promises'
import { Router } from 'express'
import type { Translate } from '../config/translate.ts'
import type { Checkups } from '../doctor/checkups.ts'
import type { Report } from '../doctor/doctor.ts'
import { countLevels, describeFinding, groups } from '../doctor/finding.ts'
import { requireCsrf } from './require-csrf.ts'
import type { Render } from './views.ts'

interface DoctorPagesOptions {
  checkups: Checkups
  translate: Translate
  render: Render
  log: { error: (details: object, message: string) => void }
}

/** A checkup may take longer, and is then waited for by the page. */
const patienceMs = 1000
const lookAgainSeconds = 3

/** `/app/doctor`: what in the settings does not fit the account, as it was last found. */
export function createDoctorPages({ checkups, translate, render, log }: DoctorPagesOptions) {
  const router = Router()

  router.get('/', async (req, res) => {
    const { report, trouble, isRunning } = await checkups.last()
    const findings = report?.findings ?? []
    if (isRunning) res.setHeader('Refresh', String(lookAgainSeconds))
    render(req, res, 'doctor/index.njk', {
      isDoctor: true,
      isRunning,
      foundAt: report?.foundAt,
      counts: report && countLevels(findings),
      trouble: trouble?.map((finding) => describeFinding(finding, translate)),
      faults: grouped(findings.filter(({ level }) => level !== 'ok')),
      fine: grouped(findings.filter(({ level }) => level === 'ok')),
    })
  })

  router.post('/checks', requireCsrf(render), async (req, res) => {
    const checkup = checkups.run().catch((err: unknown) => log.error({ err }, 'the settings could not be checked'))
    await Promise.race([checkup, sleep(patienceMs)])
    res.redirect(303, req.baseUrl)
  })
  router.get('/checks', (req, res) => res.redirect(req.baseUrl))
  return router

  function grouped(findings: Report['findings']) {
    const described = findings.map((finding) => ({ ...finding, ...describeFinding(finding, translate) }))
    return groups
      .map((group) => ({ group, findings: described.filter((finding) => finding.group === group) }))
      .filter((section) => section.findings.length > 0)
  }
}
