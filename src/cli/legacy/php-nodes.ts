/** As much of a node of the parser's tree as is looked at here. */
export interface Node {
  kind: string
  loc?: { start: { line: number } } | null
  [part: string]: unknown
}

/** What stands there as PHP writes it, never its arguments: they may be secrets. */
export function describe(node: Node): string {
  const nameOf = (part: unknown) => String((part as { name?: unknown } | null)?.name ?? '')
  switch (node.kind) {
    case 'expressionstatement':
      return describe(node['expression'] as Node)
    case 'call':
      return `${nameOf(node['what'])}()`
    case 'name':
      return nameOf(node)
    case 'magic':
      return String(node['value'])
    case 'staticlookup':
      return `${nameOf(node['what'])}::${nameOf(node['offset'])}`
    case 'variable':
      return `$${nameOf(node)}`
    case 'assign':
      return `${describe(node['left'] as Node)} ${node['operator']} …`
    case 'offsetlookup':
      return `${describe(node['what'] as Node)}[…]`
    case 'retif':
      return '?:'
    case 'encapsed':
      return '"…$…"'
    default:
      return node.kind
  }
}

export function lineOf(node: Node | null | undefined) {
  return node?.loc?.start.line ?? 0
}
