import { styleText } from 'node:util'
import type { Translate } from '../config/translate.ts'
import { gatherFacts } from './audit/facts.ts'
import { type Finding, findWeaknesses } from './audit/findings.ts'
import { readArguments } from './command-line.ts'
import { withDatabase } from './with-account.ts'

export const auditConfigUsage = 'npx parom audit-config [--json]'

const exitCodes = { fine: 0, dangerous: 1 }

/** Says what makes this installation less safe than it could be. Prints no secret. */
export async function auditConfig(args: string[]) {
  const { values: options } = readArguments({ args, options: { json: { type: 'boolean' } } })
  return withDatabase(async ({ config, database, translate }) => {
    const findings = findWeaknesses(await gatherFacts(config, database, Date.now()))
    console.log(options.json ? asJson(findings, translate) : asText(findings, translate))
    return countOf(findings, 'danger') > 0 ? exitCodes.dangerous : exitCodes.fine
  })
}

function asJson(findings: Finding[], translate: Translate) {
  const described = findings.map((finding) => ({ ...finding, ...describe(finding, translate) }))
  return JSON.stringify({ dangers: countOf(findings, 'danger'), findings: described }, null, 2)
}

const signs = { danger: styleText('red', '✗'), advice: styleText('yellow', '!') }

function asText(findings: Finding[], translate: Translate) {
  const blocks = findings.map((finding) => {
    const { text, mend } = describe(finding, translate)
    return `${signs[finding.level]} ${text}\n  → ${mend}`
  })
  const counts = { dangers: countOf(findings, 'danger'), advices: countOf(findings, 'advice') }
  return [...blocks, translate('cli.audit.counts', counts)].join('\n\n')
}

function describe({ code, params }: Finding, translate: Translate) {
  return { text: translate(`cli.audit.${code}`, params), mend: translate(`cli.audit.${code}.mend`, params) }
}

function countOf(findings: Finding[], level: Finding['level']) {
  return findings.filter((finding) => finding.level === level).length
}
