import { styleText } from 'node:util'
import type { AmocrmClient } from '../amocrm/client.ts'
import { createMirror } from '../amocrm/mirror.ts'
import { mirrorSettingsOf } from '../config/account-settings.ts'
import { rulesOf } from '../config/rules.ts'
import type { Translate } from '../config/translate.ts'
import { createDoctor, type Report } from '../doctor/doctor.ts'
import { countLevels, describeFinding, type GroupedFinding, groups } from '../doctor/finding.ts'
import { readArguments } from './command-line.ts'
import { withAccount } from './with-account.ts'

export const doctorUsage = 'npx parom doctor [--json]'

const exitCodes = { fine: 0, faulty: 1, unreachable: 3 }

/** Says what in the configuration does not fit the account. */
export async function doctor(args: string[]) {
  const { values: options } = readArguments({ args, options: { json: { type: 'boolean' } } })
  return withAccount(async ({ config, database, amocrm, translate, stop }) => {
    if (process.stderr.isTTY) console.error(translate('cli.doctor.patience'))
    const rules = rulesOf(config, translate)
    const { db } = database
    const mirrorOf = async (client: AmocrmClient) =>
      createMirror({ ...mirrorSettingsOf(config), client, db, now: Date.now })
    const serverTroubles = () => database.troubles(config.app.body_limit)
    const report = await createDoctor({ config, rules, amocrm, mirrorOf, serverTroubles, stop, now: Date.now })()
    console.log(options.json ? asJson(report, translate) : asText(report, translate))
    if (!report.isReachable) return exitCodes.unreachable
    return countLevels(report.findings).errors > 0 ? exitCodes.faulty : exitCodes.fine
  })
}

function asJson({ foundAt, isReachable, findings }: Report, translate: Translate) {
  const { errors, warnings } = countLevels(findings)
  const described = findings.map((finding) => ({ ...finding, ...describeFinding(finding, translate) }))
  const report = {
    found_at: new Date(foundAt).toISOString(),
    reachable: isReachable,
    errors,
    warnings,
    findings: described,
  }
  return JSON.stringify(report, null, 2)
}

const signs = { ok: styleText('green', '✓'), warning: styleText('yellow', '!'), error: styleText('red', '✗') }

function asText({ findings }: Report, translate: Translate) {
  const sections = groups.flatMap((group) => {
    const ofGroup = findings.filter((finding) => finding.group === group)
    const title = styleText('bold', translate(`doctor.group.${group}`))
    return ofGroup.length === 0
      ? []
      : [[title, ...ofGroup.flatMap((finding) => linesOf(finding, translate))].join('\n')]
  })
  const { errors, warnings, oks } = countLevels(findings)
  return [...sections, translate('cli.doctor.counts', { errors, warnings, oks })].join('\n\n')
}

function linesOf(finding: GroupedFinding, translate: Translate) {
  const { text, cause, mend } = describeFinding(finding, translate)
  const below = [cause, mend && `→ ${mend}`].filter((line) => line !== null)
  return [`  ${signs[finding.level]} ${text}`, ...below.map((line) => `    ${line}`)]
}
