import { describe, expect, it } from 'vitest'
import { examine } from '../../src/doctor/examine.ts'
import type { AccountState, Facts, Setup } from '../../src/doctor/facts.ts'
import type { Form } from '../../src/mapping/form.ts'
import { account, facts, faultsOf, setup, textOf, withAccount, withForm, withMapping } from './fitting.ts'

it('tells what endangers orders in the settings of the database server, also without an account', () => {
  const server: Facts['server'] = [
    { kind: 'not_durable', setting: 'sync_binlog', value: '0', wanted: '1' },
    { kind: 'packet_small', value: '1048576', wanted: '2162688' },
  ]
  expect(faultsOf({ ...facts, server })).toEqual(['error store_not_durable', 'warning store_packet_small'])
  expect(faultsOf({ ...facts, server, account: null })).toContain('error store_not_durable')
})

describe('settings that do not fit the account', () => {
  const people = ['contact', 'company'] as Form['entities_create']
  it.each<[string, Setup, string[]]>([
    [
      'a rule that leads nowhere',
      withForm({ logic: { city: { Москва: { pipeline_id: 77 } } } }),
      ['error pipeline_missing forms.default.logic.city.Москва.pipeline_id'],
    ],
    [
      'a rule with a stage of another pipeline',
      withForm({ logic: { city: { '*': { status_id: 3 } } } }),
      ['error stage_missing forms.default.logic.city.*.status_id'],
    ],
    [
      'a rule with a stage of the pipeline that it names',
      withForm({ logic: { city: { '*': { pipeline_id: 1, status_id: 3 } } } }),
      [],
    ],
    [
      'a rule with a stage of the pipeline that another names',
      withForm({ logic: { a: { x: { pipeline_id: 1 } }, b: { y: { status_id: 3 } } } }),
      [],
    ],
    [
      'a user that is not there',
      withForm({ responsible_user_id: 5 }),
      ['error user_missing forms.default.responsible_user_id'],
    ],
    [
      'a user that has left',
      withForm({ responsible_user_id: 504143 }),
      ['error user_inactive forms.default.responsible_user_id'],
    ],
    ['another field for partners', { ...setup, partnerFieldId: 641205 }, []],
    [
      'a type that no order fills',
      withMapping({}, { code: 'LEADS.PAYER' }),
      ['error field_unfillable forms.default.mapping.x'],
    ],
    ['a file, which an order may name by its uuid', withMapping({}, { code: 'LEADS.CONTRACT' }), []],
    [
      'a contact that is not made',
      withMapping({}, { code: 'CONTACTS.PHONE.WORK' }),
      ['error field_without_contact forms.default.mapping.x'],
    ],
    [
      'a company that is not made',
      withMapping({}, { code: 'COMPANIES.PHONE.WORK' }),
      ['error field_without_company forms.default.mapping.x'],
    ],
    [
      'a contact that can be found again',
      withMapping({}, { code: 'CONTACTS.PHONE.WORK' }, { entities_create: people }),
      [],
    ],
    [
      'a contact that cannot',
      withMapping({}, { code: 'CONTACTS.POSITION' }, { entities_create: people }),
      ['warning buyer_unfindable'],
    ],
    [
      'a kind of phone that is not there',
      withMapping({}, { code: 'CONTACTS.PHONE.PAGER' }, { entities_create: people }),
      ['error part_missing forms.default.mapping.x'],
    ],
    [
      'a part of a text',
      withMapping({}, { code: 'LEADS.TEXT', part: 'city' }),
      ['warning part_idle forms.default.mapping.x'],
    ],
    ['a country', withMapping({}, { code: 'LEADS.SHIP_TO', part: 'country' }), []],
    [
      'a line of an address that there is not',
      withMapping({}, { code: 'LEADS.SHIP_TO', part: 'floor' }),
      ['error part_missing forms.default.mapping.x'],
    ],
    [
      'a legal entity without a name',
      withMapping({}, { code: 'LEADS.LEGAL', part: 'vat_id' }),
      ['error legal_entity_nameless'],
    ],
    [
      'a default that the list does not have',
      withMapping({ default: 'Почта' }, { code: 'LEADS.DELIVERY' }),
      ['error value_unfit forms.default.mapping.x'],
    ],
    ['a default that it has', withMapping({ default: 'курьер' }, { code: 'LEADS.DELIVERY' }), []],
    [
      'a meaning that the list does not have',
      withMapping({ values: { a: 'Курьер', b: 'Голубь' } }, { code: 'LEADS.DELIVERY' }),
      ['error value_unfit forms.default.mapping.x'],
    ],
    [
      'a constant that is no date',
      withMapping({ value: 'завтра' }, { code: 'LEADS.DELIVERY_DATE' }, {}, 'custom###1'),
      ['error value_unfit forms.default.mapping.custom###1'],
    ],
    [
      'a constant that speaks of the order',
      withMapping({ value: 'entity###contact_name' }, { code: 'LEADS.DELIVERY' }, {}, 'custom###1'),
      [],
    ],
    [
      'a constant that is too long',
      withMapping({ value: 'x'.repeat(300) }, { code: 'LEADS.TEXT' }, {}, 'custom###1'),
      ['warning value_changed forms.default.mapping.custom###1'],
    ],
    [
      'a budget that is no number',
      withForm({ mapping: { total: { mapped_id: 'lead_price', default: 'много' } } }),
      ['error price_unfit forms.default.mapping.total'],
    ],
    [
      'two values for one field',
      withForm(
        { mapping: { a: { mapped_id: 'f' }, b: { mapped_id: 'g' } } },
        { f: { id: 685741 }, g: { name: 'Комментарий' } },
      ),
      ['warning field_overwritten'],
    ],
    ['a name of a field that is not there, for nothing', withForm({}, { idle: { id: 1 } }), ['warning names_missing']],
    ['a substitute for partners that is not there', withForm({ partner_not_found: { contact_id: 5 } }), []],
    ['no public address', { ...setup, isLocal: false }, ['warning public_url_missing']],
    ['no webhook', { ...setup, publicBase: 'https://parom.example' }, ['warning webhook_missing']],
  ])('%s', (_, changed, faults) => {
    expect(faultsOf(facts, changed)).toEqual(faults)
  })

  it('a substitute contact that is gone', () => {
    expect(faultsOf(withAccount({ missingContacts: [5] }), withForm({ partner_not_found: { contact_id: 5 } }))).toEqual(
      ['error substitute_missing forms.default.partner_not_found.contact_id'],
    )
  })

  it('a responsible user whom the token may not see', () => {
    expect(faultsOf(withAccount({ users: null }), withForm({ responsible_user_id: 5 }))).toEqual([
      'warning users_hidden forms.default.responsible_user_id',
    ])
  })

  it.each<[string, NonNullable<AccountState['catalog']>['fields'], string[]]>([
    ['without SKU', [{ name: 'Цена', code: 'PRICE', isRequired: true }], ['error catalog_field_missing']],
    [
      'with more that is required',
      [...(account.catalog?.fields ?? []), { name: 'Цвет', code: null, isRequired: true }],
      ['error catalog_required'],
    ],
  ])('new products for a list %s', (_, fields, faults) => {
    const maker = withForm({ products: { match: ['name'], not_found: 'create' } })
    expect(faultsOf(withAccount({ catalog: { name: 'Товары', canLinkMultiple: true, fields } }), maker)).toEqual(faults)
  })

  const events = ['add', 'update', 'delete', 'restore'].flatMap((event) => [`${event}_contact`, `${event}_company`])
  const url = 'https://parom.example/api/cache/update/contacts'
  it.each<[string, { destination: string; isDisabled: boolean; events: string[] }[], string[]]>([
    [
      'somebody else’s',
      [{ destination: 'https://other.example', isDisabled: false, events }],
      ['warning webhook_missing'],
    ],
    [
      'one with an old token',
      [{ destination: `${url}?token=old`, isDisabled: false, events }],
      ['warning webhook_token'],
    ],
    [
      'one that was switched off',
      [{ destination: `${url}?token=secret-token`, isDisabled: true, events }],
      ['warning webhook_disabled'],
    ],
    [
      'one for too little',
      [{ destination: `${url}?token=secret-token`, isDisabled: false, events: ['add_contact'] }],
      ['warning webhook_events'],
    ],
    ['ours', [{ destination: `${url}?token=secret-token`, isDisabled: false, events }], []],
  ])('the webhook is %s', (_, webhooks, faults) => {
    const open = { ...setup, publicBase: 'https://parom.example', webhookToken: 'secret-token' }
    expect(faultsOf(withAccount({ webhooks }), open)).toEqual(faults)
    expect(JSON.stringify(examine(withAccount({ webhooks }), open))).not.toContain('secret-token')
  })

  it('orders of the order API without a form of their own, where there may be such orders', () => {
    expect(faultsOf(facts, { ...setup, mayRegister: true })).toEqual(Array(3).fill('warning api_form_missing'))
    const one = {
      ...(setup.rules.forms['default'] ?? expect.fail()),
      sources: ['callback'],
      mapping: { phone: { mapped_id: 'lead_name' } },
    }
    const rules = { ...setup.rules, forms: { ...setup.rules.forms, one } }
    expect(faultsOf(facts, { ...setup, rules })).toEqual(Array(2).fill('warning api_form_missing'))
  })

  it('a source bound to addresses that nobody can see', () => {
    const sources = [{ id: 'shop2', tokens: [], signingSecrets: [], allowedAddresses: ['203.0.113.7'] }]
    expect(faultsOf(facts, { ...setup, sources })).toEqual([])
    expect(faultsOf(facts, { ...setup, sources, isProxyUnknown: true })).toEqual(['warning source_addresses_unseen'])
    expect(faultsOf(facts, { ...setup, isProxyUnknown: true })).toEqual([])
  })

  it('a template that fails over an order', () => {
    const { templates } = setup.rules
    const own = { ...templates.standard, note: '{{ products[0].nothing() }}' }
    const broken = { ...setup, rules: { ...setup.rules, templates: { ...templates, forms: { default: own } } } }
    expect(faultsOf(facts, broken)).toEqual(['error template_failed'])
  })
})

describe('what is told of settings', () => {
  const some = [Buffer.from('any')]
  it.each([
    ['its token', { tokens: [...some, ...some] }, 'присылает токен (годятся: 2); форма его заказов — default'],
    ['its signature', { signingSecrets: some }, 'подписывает заказы, его адрес — /api/order/create?source=shop2;'],
    ['both', { tokens: some, signingSecrets: some }, 'присылает токен (годятся: 1) и подписывает заказы'],
    ['nothing', {}, 'открыт: заказы от его имени шлёт кто угодно'],
  ])('that a source is known by %s', (_, guard, words) => {
    const shop = { id: 'shop2', tokens: [], signingSecrets: [], allowedAddresses: [], ...guard }
    expect(textOf(facts, { ...setup, sources: [shop] })).toContain(`Источник shop2 ${words}`)
  })

  it('which form a source’s orders take', () => {
    const rules = { ...setup.rules, formOfSource: new Map([['lk', 'own']]) }
    expect(textOf(facts, { ...setup, rules })).toContain('форма — own')
  })

  it.each<[string, Setup, string]>([
    [
      'the lines of an address',
      withMapping({}, { code: 'LEADS.SHIP_TO', part: 'floor' }),
      'У поля есть: address_line_1, address_line_2, city, state, zip, country',
    ],
    [
      'the keys of a legal entity',
      withMapping({}, { code: 'LEADS.LEGAL', part: 'paper' }),
      'У поля есть: name (название), entity_type (тип), vat_id (инн), kpp (кпп)',
    ],
    [
      'which part a field takes',
      withMapping({}, { code: 'LEADS.SHIP_TO', part: 'City' }),
      'x → «Адрес доставки: город» (сделка)',
    ],
    [
      'a kind of phone',
      withMapping({}, { code: 'CONTACTS.PHONE.MOB' }, { entities_create: ['contact'] }),
      'x → «Телефон: MOB» (контакт)',
    ],
    [
      'the stage that one pipeline does not have',
      withForm({ logic: { city: { x: { status_id: 7 } } } }),
      'в воронке «Дропшиппинг» нет этапа 7',
    ],
    [
      'the stage that none of several has',
      withForm({ logic: { a: { x: { pipeline_id: 1 } }, b: { y: { status_id: 7 } } } }),
      'ни в одной из воронок',
    ],
    ['names that are there for later', withForm({}, { later: { id: 685741 } }), 'Не используются (это не ошибка): '],
    [
      'the beginning of a long value',
      withMapping({ value: 'x'.repeat(300) }, { code: 'LEADS.TEXT' }, {}, 'custom###1'),
      `значение «${'x'.repeat(79)}…» войдёт`,
    ],
    ['a name as an order would give it', setup, 'сделка называлась бы «Товар»'],
  ])('is %s', (_, changed, words) => {
    expect(textOf(facts, changed)).toContain(words)
  })

  it('is each stage once, though pipelines share some', () => {
    const text = textOf(facts, withForm({ logic: { a: { x: { pipeline_id: 1 } }, b: { y: { status_id: 7 } } } }))
    expect(
      text
        .split('\n')
        .filter((line) => line.includes('Укажите один из этих'))[0]
        ?.match(/\(142\)/g),
    ).toHaveLength(1)
  })

  it('is whose field was taken for that of partners', () => {
    expect(textOf(facts, { ...setup, partnerFieldId: 685731 })).toContain('принадлежит сделке, а нужно поле контакта')
  })
})
