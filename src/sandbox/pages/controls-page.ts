import type { Context } from '../context.ts'
import { presets } from '../control/fault-presets.ts'
import { faultWords } from './fault-words.ts'
import type { PageParts } from './page-parts.ts'
import { settingGroups } from './settings-form.ts'

const methods = ['GET', 'POST', 'PATCH', 'DELETE']

/** What was done by a form that led here. */
const deeds: Record<string, string> = {
  fault: 'Неполадка включена.',
  'fault-off': 'Неполадка выключена.',
  field: 'Поле удалено.',
  settings: 'Настройки сохранены.',
  clock: 'Время передвинуто.',
  unblock: 'Аккаунт разблокирован.',
  reset: 'Песочница начата заново.',
}

interface Refusal {
  error: string
  /** The form that was refused. */
  sent: Record<string, unknown>
}

/** The switches: faults, settings, time. */
export function createControlsPage({ store, faults, settings, clock, journal }: Context, { wording }: PageParts) {
  return controls

  function controls(deed: string, refusal?: Refusal) {
    const { blocked } = settings.get()
    return {
      deed: deeds[deed],
      error: refusal?.error,
      cards: Object.entries(faultWords).map(([preset, words]) => card(preset, words)),
      methods,
      others: faults.list().filter(({ preset }) => preset === undefined),
      fields: store.fields.all().filter(({ entity_type }) => entity_type === 'leads'),
      groups: settingGroups(settings.get(), refusal?.sent),
      now: wording().exactMoment(clock.ms()),
      isBlocked: blocked,
      counts: { leads: store.leads.size, contacts: store.contacts.size, requests: journal.list().length },
    }
  }

  function card(preset: string, words: (typeof faultWords)[string]) {
    const parts = faults.list().filter((fault) => fault.preset === preset)
    const [first] = parts
    const aim = presets[preset]?.aim
    // The first part was given its share as it is, see the presets.
    const percent = first?.probability === undefined ? words.usual : Math.round(first.probability * parts.length * 100)
    return {
      preset,
      ...words,
      isOn: parts.length > 0,
      fired: parts.reduce((sum, { fired }) => sum + fired, 0),
      percent,
      path: first?.path ?? aim?.path ?? '',
      method: first ? (first.method ?? '') : (aim?.method ?? ''),
      times: first?.times ?? '',
      until: first?.until && wording().exactMoment(Date.parse(first.until)),
    }
  }
}
