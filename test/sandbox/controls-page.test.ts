import { expect } from 'vitest'
import { type Client, tell } from './client.ts'

const page = async (amo: Client, path: string) => (await amo.call('GET', path)).text

/** Sends a form as a browser does, and follows where it leads. */
async function submit(amo: Client, form: string, fields: Record<string, string>) {
  const answer = await fetch(`${amo.sandbox.url}/__sandbox/controls/${form}`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', origin: amo.sandbox.url },
    body: new URLSearchParams(fields),
  })
  return { status: answer.status, cameFrom: answer.url, text: await answer.text() }
}

/** What the form of settings holds as it is shown. */
function shownSettings(html: string): Record<string, string> {
  const form = html.slice(html.indexOf('controls/settings'))
  const inputs = [...form.matchAll(/<input (?!class="switch")[^>]*name="([^"]+)" value="([^"]*)"/g)]
  const switches = [...form.matchAll(/<input class="switch"[^>]*name="([^"]+)"[^>]* checked/g)].map(([, name]) => [
    '',
    name,
    'on',
  ])
  const choices = [...form.matchAll(/<select[^>]*name="([^"]+)"[^>]*>.*?value="([^"]*)" selected/g)]
  const texts = [...form.matchAll(/<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</g)]
  return Object.fromEntries([...inputs, ...switches, ...choices, ...texts].map(([, name, value]) => [name, value]))
}

tell('the page of controls', [
  [
    'contract',
    'switches a fault on for what was named, and off again',
    async (amo) => {
      const on = await submit(amo, 'fault', {
        preset: 'unpaid',
        on: 'yes',
        percent: '100',
        method: '*',
        path: '/api/v4/acc*',
        times: '2',
        minutes: '5',
      })
      expect(on.cameFrom).toBe(`${amo.sandbox.url}/__sandbox/controls.html?done=fault`)
      expect(on.text).toContain('Неполадка включена.')
      expect(on.text.match(/aria-checked="true"/g)).toHaveLength(1)
      expect((await amo.admin('/faults')).body).toMatchObject([
        { path: '/api/v4/acc*', times: 2, until: '2026-03-02T09:05:00.000Z' },
      ])
      expect((await amo.get('/account')).status).toBe(402)
      expect(await page(amo, '/')).toContain('Включены неполадки')
      const off = await submit(amo, 'fault', { preset: 'unpaid', on: 'no', percent: '100' })
      expect(off.text).not.toContain('aria-checked="true"')
      expect((await amo.get('/account')).status).toBe(200)
    },
  ],
  [
    'contract',
    'takes a changed fault in place of the one before, and leaves the others',
    async (amo) => {
      await amo.admin('/faults', [{ path: '/api/v4/leads', effect: 'drop' }])
      for (const percent of ['30', '40']) await submit(amo, 'fault', { preset: 'bad day', on: 'yes', percent })
      const { body } = await amo.admin('/faults')
      expect(body).toHaveLength(11)
      expect(await page(amo, '/__sandbox/controls.html')).toContain('>40 %</output>')
      const { text } = await submit(amo, 'fault-off', { id: String(body[0].id) })
      expect(text).not.toContain('Заданы запросом')
      expect((await amo.admin('/faults')).body).toHaveLength(10)
    },
  ],
  [
    'contract',
    'shows every setting in words of its own, and saves them as they are shown',
    async (amo) => {
      const before = (await amo.admin('/settings')).body
      const html = await page(amo, '/__sandbox/controls.html')
      expect(html).not.toContain('<legend>Прочее</legend>')
      const shown = shownSettings(html)
      const off = Object.keys(before).filter((name) => before[name] === false)
      expect(Object.keys(shown).concat(off).sort()).toEqual(Object.keys(before).sort())
      expect((await submit(amo, 'settings', shown)).text).toContain('Настройки сохранены.')
      expect((await amo.admin('/settings')).body).toEqual(before)
      await submit(amo, 'settings', {
        ...shown,
        rate_limit: '3',
        '429_body': 'html',
        is_api_filter_enabled: 'on',
        account_rate_limit: '',
      })
      expect((await amo.admin('/settings')).body).toEqual({
        ...before,
        rate_limit: 3,
        '429_body': 'html',
        is_api_filter_enabled: true,
        account_rate_limit: null,
      })
    },
  ],
  [
    'contract',
    'says what was not taken, keeps what was written, and changes nothing',
    async (amo) => {
      const before = (await amo.admin('/settings')).body
      const shown = shownSettings(await page(amo, '/__sandbox/controls.html'))
      const refused = await submit(amo, 'settings', { ...shown, rate_limit: '-5', block_after: '7' })
      expect(refused.status).toBe(400)
      expect(refused.text).toMatch(/role="alert">Не принято:[^<]*rate_limit/)
      expect(refused.text).toContain('value="-5"')
      expect((await amo.admin('/settings')).body).toEqual(before)
      expect((await submit(amo, 'reset', {})).status).toBe(400)
      expect((await submit(amo, 'fault', { preset: 'good day', on: 'yes', percent: '10' })).status).toBe(400)
    },
  ],
  [
    'contract',
    'advances the clock, lets a blocked account in again, deletes a field and starts anew',
    async (amo) => {
      const id = await amo.lead()
      await submit(amo, 'clock', { advance_ms: '3600000' })
      expect((await amo.admin('/clock')).body.now).toBe(new Date(amo.seconds() * 1000 + 3_600_000).toISOString())
      await amo.settings({ blocked: true })
      expect(await page(amo, '/__sandbox/controls.html')).toContain('Разблокировать')
      await submit(amo, 'unblock', {})
      expect((await amo.get(`/leads/${id}`)).status).toBe(200)
      await submit(amo, 'field', { field_id: '685731' })
      expect((await amo.get('/leads/custom_fields')).text).not.toContain('685731')
      await submit(amo, 'reset', { sure: 'yes' })
      expect((await amo.get(`/leads/${id}`)).status).toBe(204)
      expect((await amo.get('/leads/custom_fields')).text).toContain('685731')
    },
  ],
  [
    'contract',
    'changes nothing when it is only looked at',
    async (amo) => {
      for (const path of ['reset?sure=yes', 'clock?advance_ms=5', 'unblock', 'settings'])
        expect((await amo.call('GET', `/__sandbox/controls/${path}`)).status, path).toBe(404)
    },
  ],
])
