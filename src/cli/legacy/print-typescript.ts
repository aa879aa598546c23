export type Printable = string | number | boolean | null | Printable[] | { [key: string]: Printable | undefined }

const lineWidth = 120

interface ConfigFile {
  /** The type in src/config/schema.ts that the file satisfies. */
  type: string
  /** The import's path to schema.ts. */
  schema: string
  comment: string
  content: Printable
  /** Said at the end of the line, by top-level key. */
  remarks?: Record<string, string>
}

/** A configuration file as the formatter would leave it. */
export function printConfigFile({ type, schema, comment, content, remarks = {} }: ConfigFile) {
  const body = isEmpty(content) ? printFlat(content) : printBroken(content, 0, remarks)
  return `import type { ${type} } from '${schema}'\n\n/** ${comment} */\nexport default ${body} satisfies ${type}\n`
}

/** @param column Where the value begins in its line. */
function print(value: Printable, indent: number, column: number): string {
  const flat = printFlat(value)
  const isShort = !hasObjects(value) && column + widthOf(flat) + 1 <= lineWidth
  return isShort || !isContainer(value) || isEmpty(value) ? flat : printBroken(value, indent, {})
}

function printBroken(value: Printable, indent: number, remarks: Record<string, string>): string {
  const inner = ' '.repeat(indent + 2)
  const end = ' '.repeat(indent)
  if (Array.isArray(value)) {
    const items = value.map((item) => {
      const text = isContainer(item) && !isEmpty(item) ? printBroken(item, indent + 2, {}) : printFlat(item)
      return `${inner}${text},\n`
    })
    return `[\n${items.join('')}${end}]`
  }
  const lines = entriesOf(value).map(([key, item]) => {
    const remark = remarks[key] ? ` // ${remarks[key]}` : ''
    return `${inner}${printProperty(printKey(key), item, indent + 2)},${remark}\n`
  })
  return `{\n${lines.join('')}${end}}`
}

/** Keys of fewer characters keep a text in their own line, however long it is. */
const shortKey = 5

function printProperty(key: string, value: Printable, indent: number) {
  const column = indent + key.length + 2
  const text = print(value, indent, column)
  const isTooLong = typeof value === 'string' && key.length >= shortKey && column + widthOf(text) + 1 > lineWidth
  return isTooLong ? `${key}:\n${' '.repeat(indent + 2)}${text}` : `${key}: ${text}`
}

function printFlat(value: Printable): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map(printFlat).join(', ')}]`
  if (!isContainer(value)) return String(value).replace('e+', 'e')
  const entries = entriesOf(value).map(([key, item]) => `${printKey(key)}: ${printFlat(item)}`)
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}'
}

function printKey(key: string) {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quote(key)
}

/** In single quotes, unless that means more escapes. */
function quote(text: string) {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  const singles = text.split("'").length
  const doubles = text.split('"').length
  return singles > doubles ? `"${inner.replaceAll('"', '\\"')}"` : `'${inner.replaceAll("'", "\\'")}'`
}

function isContainer(value: Printable) {
  return typeof value === 'object' && value !== null
}

function isEmpty(value: Printable) {
  return isContainer(value) && (Array.isArray(value) ? value.length === 0 : entriesOf(value).length === 0)
}

/** Whether the value holds an object or a list with anything in it: then it takes several lines. */
function hasObjects(value: Printable): boolean {
  if (!isContainer(value)) return false
  const items = Array.isArray(value) ? value : entriesOf(value).map(([, item]) => item)
  return items.some((item) => isContainer(item) && !isEmpty(item) && (!Array.isArray(item) || hasObjects(item)))
}

function entriesOf(value: Printable) {
  if (!isContainer(value) || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const]))
}

function widthOf(text: string) {
  return Array.from(text).length
}
