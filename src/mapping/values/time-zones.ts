const minute = 60_000
const day = 86_400_000

/** Where the clocks of a zone stand. All times in milliseconds; an unknown zone counts as UTC. */
export interface Zone {
  /** Whole minutes that local time is ahead of UTC. */
  offsetAt(instant: number): number
  /** The instant at which the clocks show `wall`, a local time written as if it were UTC. */
  instantOf(wall: number): number
}

const zones = new Map<string, Zone>()

/** A zone by its IANA name. Their formatters are dear to make, so they are kept. */
export function zoneOf(name: string): Zone {
  const zone = zones.get(name) ?? createZone(name)
  zones.set(name, zone)
  return zone
}

function createZone(name: string): Zone {
  const format = formatOf(name)

  function offsetAt(instant: number) {
    const [, sign, hours = 0, minutes = 0, seconds = 0] =
      /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(format.format(instant)) ?? []
    const offset = (Number(hours) * 60 + Number(minutes) + Number(seconds) / 60) * (sign === '-' ? -1 : 1)
    return Math.floor(offset)
  }

  // Of a time that the clocks show twice it is the first; one that they leap over is as much later as they leap.
  function instantOf(wall: number) {
    const before = offsetAt(wall - day)
    const after = offsetAt(wall + day)
    const instants = [wall - before * minute, wall - after * minute]
    if (before === after) return wall - before * minute
    const shown = instants.filter((instant) => instant + offsetAt(instant) * minute === wall)
    return shown.length > 0 ? Math.min(...shown) : wall - before * minute
  }

  return { offsetAt, instantOf }
}

function formatOf(timeZone: string) {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    return new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', timeZoneName: 'longOffset' })
  }
}
