/** `2026-03-02 12:00:00`, in the account's time zone. */
export function dateTime(seconds: number, timeZone: string): string {
  return format('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(seconds * 1000)
}

/** `02.03.2026`, in the account's time zone. */
export function dayOf(seconds: number, timeZone: string): string {
  const parts = { day: '2-digit', month: '2-digit', year: 'numeric' } as const
  return format('ru-RU', { timeZone, ...parts }).format(seconds * 1000)
}

const made = new Map<string, Intl.DateTimeFormat>()

// Making one takes longer than a whole webhook.
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${options.timeZone}`
  const found = made.get(key) ?? new Intl.DateTimeFormat(locale, options)
  made.set(key, found)
  return found
}
