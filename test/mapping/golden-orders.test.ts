import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { createTranslate } from '../../src/config/translate.ts'
import type { CrmField, Translate } from '../../src/mapping/plan.ts'
import { mapOrder } from '../../src/mapping/request.mapper.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { leadFields } from './lead-fields.ts'

const folder = join(import.meta.dirname, '../fixtures/orders')

/**
 * Every folder is a case: `_webhook.txt` (a form) or `_webhook.json` goes in, `order.json` and `plan.json` come out.
 * `vitest -u` writes what comes out; look at it before you commit it.
 */
describe('golden orders', () => {
  let forms: Awaited<ReturnType<typeof loadConfig>>['requestMapper']['forms']
  let amoFields: Awaited<ReturnType<typeof loadConfig>>['amoFields']
  let translate: Translate
  const fields: CrmField[] = leadFields

  beforeAll(async () => {
    const config = await loadConfig({ ENV_TYPE: 'local' })
    forms = config.requestMapper.forms
    amoFields = config.amoFields
    translate = createTranslate(config.translations.ru, 'ru')
  })

  it.each(readdirSync(folder))('%s', async (name) => {
    const files = readdirSync(join(folder, name))
    const json = files.includes('_webhook.json')
    const order = await parseOrder({
      source: 'lk',
      contentType: json ? 'application/json' : 'application/x-www-form-urlencoded',
      body: readFileSync(join(folder, name, json ? '_webhook.json' : '_webhook.txt')),
    })
    const plan = mapOrder(order, { forms, amoFields, leadFields: fields, translate })
    await expect(`${JSON.stringify(order, null, 2)}\n`).toMatchFileSnapshot(join(folder, name, 'order.json'))
    await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(join(folder, name, 'plan.json'))
  })
})
