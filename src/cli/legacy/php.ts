import { Engine } from 'php-parser'
import { describe, lineOf, type Node } from './php-nodes.ts'

export type PhpValue = string | number | boolean | null | PhpArray
/** By key as PHP makes it, a list by 0, 1, 2; in the order of the file. */
export type PhpArray = ReadonlyMap<string, PhpValue>

/** What is more than a constant: it would have to be run to be known. */
interface LeftOut {
  line: number
  /** Path of the key; empty outside the array. */
  key: string
  /** What stands there, without any value. */
  what: string
}

/** The file cannot be read at all. */
export class PhpError extends Error {
  override name = 'PhpError'
  readonly reason: 'syntax' | 'too_deep' | 'no_array'
  readonly line: number

  constructor(reason: PhpError['reason'], line = 0) {
    super(`${reason} in line ${line}`)
    this.reason = reason
    this.line = line
  }
}

/**
 * The array that `<?php return [...];` gives, without running it: constant expressions only.
 * Throws nothing but PhpError. Time grows with the square of the length, so the caller limits that.
 */
export function readPhp(text: string): { array: PhpArray; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = []
  try {
    const constants: Constants = new Map()
    const returned = findReturn(parse(text), constants, leftOut)
    if (returned?.kind !== 'array') throw new PhpError('no_array', lineOf(returned))
    return { array: readArray(returned, '', constants, leftOut), leftOut }
  } catch (error) {
    if (isStackOverflow(error)) throw new PhpError('too_deep')
    throw error
  }
}

function parse(text: string): Node[] {
  const engine = new Engine({ parser: { extractDoc: false }, ast: { withPositions: true } })
  try {
    return engine.parseCode(text.replace(/^\uFEFF/, ''), '').children as unknown as Node[]
  } catch (error) {
    if (isStackOverflow(error)) throw error
    throw new PhpError('syntax', Number((error as { lineNumber?: unknown }).lineNumber) || 0)
  }
}

function isStackOverflow(error: unknown) {
  return error instanceof RangeError && error.message.includes('call stack')
}

const harmless = ['declare', 'usegroup', 'inline', 'noop']

/** Only a return outside of any block is sure to be the one. */
function findReturn(statements: Node[], constants: Constants, leftOut: LeftOut[]): Node | null {
  for (const statement of statements) {
    if (statement.kind === 'return') return statement['expr'] as Node | null
    if (statement.kind === 'namespace') return findReturn(statement['children'] as Node[], constants, leftOut)
    if (statement.kind === 'constantstatement') defineConstants(statement, constants, leftOut)
    else if (!harmless.includes(statement.kind))
      leftOut.push({ line: lineOf(statement), key: '', what: describe(statement) })
  }
  return null
}

function defineConstants(statement: Node, constants: Constants, leftOut: LeftOut[]) {
  for (const { name, value } of statement['constants'] as { name: Node; value: Node }[]) {
    try {
      constants.set(String(name['name']), evaluate(value, constants))
    } catch (error) {
      if (!(error instanceof NotConstant)) throw error
      leftOut.push({ line: lineOf(statement), key: '', what: `const ${name['name']} = …` })
    }
  }
}

function readArray(node: Node, path: string, constants: Constants, leftOut: LeftOut[]): PhpArray {
  const array = new Map<string, PhpValue>()
  let next = 0
  for (const entry of node['items'] as Node[]) {
    let key = String(next)
    try {
      if (entry.kind !== 'entry' || entry['byRef'] || entry['unpack']) throw new NotConstant(entry)
      const keyNode = entry['key'] as Node | null
      if (keyNode) key = keyOf(keyNode, constants)
      if (/^(0|[1-9]\d*)$/.test(key)) next = Math.max(next, Number(key) + 1)
      const valueNode = entry['value'] as Node
      const keyPath = path ? `${path}.${key}` : key
      const isArray = valueNode.kind === 'array'
      array.set(key, isArray ? readArray(valueNode, keyPath, constants, leftOut) : evaluate(valueNode, constants))
    } catch (error) {
      if (!(error instanceof NotConstant)) throw error
      leftOut.push({ line: lineOf(error.node), key: path ? `${path}.${key}` : key, what: describe(error.node) })
    }
  }
  return array
}

class NotConstant extends Error {
  readonly node: Node

  constructor(node: Node) {
    super()
    this.node = node
  }
}

function keyOf(node: Node, constants: Constants) {
  const key = evaluate(node, constants)
  if (typeof key === 'string' && key !== '__proto__') return key
  if (typeof key === 'number') return String(Math.trunc(key))
  throw new NotConstant(node)
}

type Scalar = Exclude<PhpValue, PhpArray>
/** Those that the file has defined so far. */
type Constants = Map<string, Scalar>

function evaluate(node: Node, constants: Constants): Scalar {
  switch (node.kind) {
    case 'string':
    case 'nowdoc':
      return ownText(node, String(node['value']))
    case 'encapsed':
      return heredoc(node)
    case 'number':
      return parseNumber(node)
    case 'boolean':
      return node['value'] === true
    case 'nullkeyword':
      return null
    case 'unary':
      return sign(node, constants)
    case 'bin':
      return combine(node, constants)
    case 'name':
      return constantOf(node, constants)
    default:
      throw new NotConstant(node)
  }
}

/** PHP's strings are bytes; escapes that make bytes of a Cyrillic letter come out wrong from the parser. */
function ownText(node: Node, text: string) {
  const isSingle = node.kind === 'nowdoc' || (node.kind === 'string' && !node['isDoubleQuote'])
  if (!isSingle && /\\(x[89a-f][\da-f]|[23][0-7]{2})/i.test(String(node['raw']))) throw new NotConstant(node)
  return text
}

function heredoc(node: Node) {
  const parts = (node['value'] as Node[]).map((part) => part['expression'] as Node)
  if (node['type'] === 'shell' || parts.some(({ kind }) => kind !== 'string')) throw new NotConstant(node)
  return ownText(node, parts.map((part) => String(part['value'])).join(''))
}

function parseNumber(node: Node) {
  const digits = String(node['value']).replaceAll('_', '')
  const number = Number(/^0\d+$/.test(digits) ? `0o${digits}` : digits)
  if (!Number.isFinite(number) || Math.abs(number) > Number.MAX_SAFE_INTEGER) throw new NotConstant(node)
  return number
}

function constantOf(node: Node, constants: Constants) {
  const value = constants.get(String(node['name']))
  if (value === undefined) throw new NotConstant(node)
  return value
}

function sign(node: Node, constants: Constants) {
  const value = evaluate(node['what'] as Node, constants)
  if (typeof value === 'number' && node['type'] === '-') return -value
  if (typeof value === 'number' && node['type'] === '+') return value
  if (typeof value === 'boolean' && node['type'] === '!') return !value
  throw new NotConstant(node)
}

/** Texts are put together, numbers are reckoned with; what PHP would make of anything else is not guessed. */
function combine(node: Node, constants: Constants): Scalar {
  const [left, right] = [evaluate(node['left'] as Node, constants), evaluate(node['right'] as Node, constants)]
  const isText = (value: Scalar) => typeof value === 'string' || Number.isSafeInteger(value)
  if (node['type'] === '.' && isText(left) && isText(right)) return `${left}${right}`
  if (typeof left !== 'number' || typeof right !== 'number') throw new NotConstant(node)
  const result = reckon(String(node['type']), left, right)
  if (result === undefined || !Number.isFinite(result) || Math.abs(result) > Number.MAX_SAFE_INTEGER)
    throw new NotConstant(node)
  return result
}

function reckon(operator: string, left: number, right: number) {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return Math.trunc(left) % Math.trunc(right)
    default:
      return undefined
  }
}
