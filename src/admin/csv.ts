/** What a cell of a table may hold. Numbers stay numbers, also for a spreadsheet. */
export type Cell = string | number | null

/** Excel finds out by it that the file is UTF-8. */
export const byteOrderMark = '\ufeff'

/** What makes a spreadsheet take a text for a formula, also in full width. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/
/** The same where it parts cells by another sign than ours. */
const formulaWithin = /(?<=[,;\t\r\n][\s"]*)(?=[=+\-@＝＋－＠])/g

/**
 * One line of RFC 4180, with `;` between the cells. A text that could be a formula stands behind an apostrophe.
 * @param comma what numbers have between their whole and their fraction
 */
export function csvLine(cells: Cell[], comma: '.' | ',') {
  return `${cells.map((cell) => csvCell(cell, comma)).join(';')}\r\n`
}

function csvCell(cell: Cell, comma: string) {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell).replace('.', comma)
  const within = cell.replace(formulaWithin, "'")
  const harmless = formula.test(cell) ? `'${within}` : within
  return /[";\r\n]/.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
