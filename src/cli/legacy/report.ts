import type { Translate } from '../../config/translate.ts'

type Say = (text: string, params?: Record<string, string | number>) => void
export type Report = ReturnType<typeof createReport>

/** What the import tells at its end: what came over, what did not and why, what is to be done. */
export function createReport(translate: Translate) {
  const carried: string[] = []
  const left: string[] = []
  const next: string[] = []
  const sayTo =
    (lines: string[]): Say =>
    (text, params) => {
      // What stands in a foreign file must not move the cursor about.
      const line = translate(text, params).replace(/[^\P{Cc}\n]/gu, ' ')
      if (!lines.includes(line)) lines.push(line)
    }
  const section = (title: string, lines: string[]) => (lines.length > 0 ? ['', title, ...lines.map(bullet)] : [])

  return {
    carried: sayTo(carried),
    left: sayTo(left),
    next: sayTo(next),
    print: () =>
      [
        ...section(translate('cli.import.carried'), carried),
        ...section(translate('cli.import.left'), left),
        ...section(translate('cli.import.next'), next),
      ].join('\n'),
  }
}

function bullet(line: string) {
  return `  • ${line.replaceAll('\n', '\n    ')}`
}
