/** How a language writes what JSON can say. */
export interface Syntax {
  string: (text: string) => string
  list: readonly [open: string, close: string]
  map: readonly [open: string, close: string]
  /** Between a key and its value. */
  pair: string
  /** Of true, false and null. */
  words: Record<'true' | 'false' | 'null', string>
}

/** A value as the language writes it, over several lines. */
export function writeLiteral(value: unknown, syntax: Syntax, indent = ''): string {
  const deeper = `${indent}    `
  const write = (item: unknown) => writeLiteral(item, syntax, deeper)
  const block = ([open, close]: Syntax['list'], lines: string[]) =>
    lines.length === 0
      ? open + close
      : `${open}\n${lines.map((line) => `${deeper}${line},\n`).join('')}${indent}${close}`
  if (typeof value === 'string') return syntax.string(value)
  if (Array.isArray(value)) return block(syntax.list, value.map(write))
  if (typeof value === 'object' && value !== null)
    return block(
      syntax.map,
      Object.entries(value).map(([key, item]) => syntax.string(key) + syntax.pair + write(item)),
    )
  return syntax.words[String(value) as keyof Syntax['words']] ?? String(value)
}
