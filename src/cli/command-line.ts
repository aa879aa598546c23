import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Something outside keeps a command from its work; the message is for the person at the terminal. */
export class CommandError extends Error {
  override name = 'CommandError'
}

/** The command is not called as it wants to be. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Throws UsageError. */
export function readArguments<Wanted extends ParseArgsConfig>(wanted: Wanted) {
  try {
    return parseArgs(wanted)
  } catch {
    throw new UsageError()
  }
}
