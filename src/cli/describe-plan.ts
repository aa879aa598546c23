import type { PlanInWords } from '../delivery/explain-plan.ts'
import type { Translate } from '../mapping/plan.ts'

/** A plan and then its requests, as a terminal shows them. */
export function describePlan(plan: PlanInWords, t: Translate) {
  const { lead, people, products, fields, note, unused, warnings, makesMarker, requests } = plan
  const sent = requests.map(
    ({ title, method, path, body }, index) => `${index + 1}. ${title}: ${method} ${path}\n${body}`,
  )
  const rows = [
    ...lead,
    ...people,
    ...products.map(({ name, quantity, element }) => ({
      label: t('plan.product'),
      text: `${name} × ${quantity} → ${element}`,
    })),
    ...fields.map(({ place, value }) => ({ label: t('plan.field'), text: `${place} = ${value}` })),
  ]
  return [
    table(rows),
    section(t('plan.note'), [note]),
    ...(unused.length > 0 ? [section(t('plan.unused'), [unused.join(', ')])] : []),
    ...(warnings.length > 0
      ? [
          section(
            t('order.warnings'),
            warnings.map((warning) => `• ${warning}`),
          ),
        ]
      : []),
    section(t('plan.requests'), makesMarker ? [t('plan.marker_to_be_made'), ...sent] : sent),
  ].join('\n\n')
}

function table(rows: PlanInWords['lead']) {
  const width = Math.max(...rows.map(({ label }) => label.length))
  return rows.map(({ label, text }) => `${label.padEnd(width)}  ${text}`).join('\n')
}

function section(title: string, parts: string[]) {
  return [`${title}:`, ...parts.map((part) => part.replace(/^/gm, '  '))].join('\n')
}
