import { relative } from 'node:path'

export interface Fault {
  /** The file, or the variable, that has to be changed. */
  where: string
  /** Path of the key inside the file; empty when the whole file or the variable is meant. */
  key: string
  expected: string
  /** The variable that could be set instead. */
  variable?: string
}

/** The configuration cannot be used. The message lists every fault and holds no value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(
      [
        'Настройки не подходят, Паром не запущен. Исправьте:',
        ...faults.map((fault) => `  • ${describeFault(fault)}`),
      ].join('\n'),
    )
    this.faults = faults
  }
}

export function describeFault({ where, key, expected, variable }: Fault) {
  const place = where.startsWith('/') ? relative(process.cwd(), where) : where
  const instead = variable ? ` (или переменная ${variable})` : ''
  return `${place}${key ? ` → ${key}` : ''}${instead}: ожидается ${expected}`
}
