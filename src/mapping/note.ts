import type { MappingWarning, Translate } from './plan.ts'

const separator = '======'

/** A note with what could not be placed below it. */
export function noteWithWarnings(note: string, warnings: MappingWarning[], translate: Translate) {
  if (warnings.length === 0) return note
  const lines = warnings.map(({ code, params }) => `• ${translate(`warning.${code}`, params)}`)
  return [note, separator, `${translate('order.warnings')}:`, ...lines].join('\n')
}

/** Whether two notes say the same of an order, whatever could not be placed each time and however blanks are kept. */
export function isSameNote(one: string, other: string, translate: Translate) {
  const warnings = `${separator} ${translate('order.warnings')}:`
  const plain = (text: string) => {
    const words = text.replace(/\s+/g, ' ').trim()
    const end = words.lastIndexOf(warnings)
    return end === -1 ? words : words.slice(0, end).trim()
  }
  return plain(one) === plain(other)
}

/** The CRM names no limit for a note; texts of more characters are not known to be kept. */
const longestNote = 10_000

/** A text as one note or several, broken between lines. */
export function splitNote(text: string): string[] {
  const parts: string[] = []
  let part: string[] = []
  let length = 0
  for (const line of text.split('\n').flatMap(breakLine)) {
    const added = Array.from(line).length + 1
    if (part.length > 0 && length + added > longestNote) {
      parts.push(part.join('\n'))
      part = []
      length = 0
    }
    part.push(line)
    length += added
  }
  return [...parts, part.join('\n')]
}

function breakLine(line: string) {
  return line.match(new RegExp(`.{1,${longestNote - 1}}`, 'gsu')) ?? ['']
}
