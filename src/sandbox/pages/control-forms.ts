import express, { type Request, type Response, type Router } from 'express'
import type { Context } from '../context.ts'
import { reset } from '../control/admin.ts'
import { Problem } from '../http/problems.ts'
import { settingsOfForm } from './settings-form.ts'

type Form = Record<string, unknown>

/** What the page of controls sends. Each form leads back to it; `refuse` shows it again with the reason. */
export function controlForms(
  context: Context,
  refuse: (res: Response, refusal: { error: string; sent: Form }) => void,
): Router {
  const { store, faults, settings, rateLimit, clock } = context
  const router = express.Router()
  router.use(express.urlencoded({ extended: false }))

  form('fault', ({ preset, on, percent, method, path, times, minutes }) => {
    const before = new Set(faults.list().flatMap((fault) => (fault.preset === preset ? fault.id : [])))
    if (on === 'yes') {
      const limits = {
        ...(times ? { times: Number(times) } : {}),
        ...(minutes ? { for_ms: Number(minutes) * 60_000 } : {}),
      }
      faults.add([{ preset, probability: Number(percent) / 100, path: path || '*', method: method || '*', ...limits }])
    }
    faults.remove(before)
    return on === 'yes' ? 'fault' : 'fault-off'
  })
  form('fault-off', ({ id }) => {
    faults.remove(new Set([Number(id)]))
    return 'fault-off'
  })
  form('field', ({ field_id }) => {
    if (!store.fields.get(Number(field_id))) throw new Problem(400, { detail: 'Такого поля уже нет' })
    store.fields.remove(Number(field_id))
    return 'field'
  })
  form('settings', (sent) => {
    settings.merge(settingsOfForm(sent))
    rateLimit.clear()
    return 'settings'
  })
  form('clock', ({ advance_ms }) => {
    clock.advance(Number(advance_ms))
    return 'clock'
  })
  form('unblock', () => {
    settings.merge({ blocked: false })
    rateLimit.clear()
    return 'unblock'
  })
  form('reset', ({ sure }) => {
    if (sure !== 'yes') throw new Problem(400, { detail: 'Сброс не подтверждён' })
    reset(context, {})
    return 'reset'
  })
  return router

  /** `act` does what was asked and returns the word for what is now done. */
  function form(name: string, act: (sent: Form) => string) {
    router.post(`/${name}`, (req: Request, res) => {
      const sent: Form = req.body ?? {}
      try {
        res.redirect(303, `/__sandbox/controls.html?done=${act(sent)}`)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        refuse(res, { error: String(error.body['detail']), sent })
      }
    })
  }
}
