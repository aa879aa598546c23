import type { MappingWarning, Translate } from '../mapping/plan.ts'

export const groups = ['connection', 'account', 'forms', 'fields', 'partners', 'products', 'parom', 'texts'] as const
export type Group = (typeof groups)[number]

/** Something that was looked at. Its text is `doctor.<code>`, what to do about it `doctor.<code>.mend`. */
export interface Finding {
  level: 'error' | 'warning' | 'ok'
  code: string
  params: Record<string, string>
  /** What the mapping would say of an order, where that is the cause. */
  because?: MappingWarning
}

export interface GroupedFinding extends Finding {
  group: Group
}

/** Orders suffer from it. */
export function error(code: string, params: Finding['params'] = {}, because?: MappingWarning | null): Finding {
  return { level: 'error', code, params, ...(because ? { because } : {}) }
}

/** It may be meant so, or does no harm yet. */
export function warning(code: string, params: Finding['params'] = {}, because?: MappingWarning | null): Finding {
  return { level: 'warning', code, params, ...(because ? { because } : {}) }
}

export function ok(code: string, params: Finding['params'] = {}): Finding {
  return { level: 'ok', code, params }
}

/** The finding in words: what is so, why, and what to do about it. */
export function describeFinding({ level, code, params, because }: Finding, translate: Translate) {
  return {
    text: translate(`doctor.${code}`, withShortValue(params)),
    cause: because ? translate(`warning.${because.code}`, withShortValue(because.params)) : null,
    mend: level === 'ok' ? null : translate(`doctor.${code}.mend`, params),
  }
}

const longestValue = 80

/** A value of the settings may be a whole letter. */
function withShortValue(params: Finding['params']) {
  const characters = Array.from(params['value'] ?? '')
  if (characters.length <= longestValue) return params
  return { ...params, value: `${characters.slice(0, longestValue - 1).join('')}…` }
}

export function countLevels(findings: Finding[]) {
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  return { errors: count('error'), warnings: count('warning'), oks: count('ok') }
}
