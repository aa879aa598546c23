import { describe, expect, it } from 'vitest'
import type { AmocrmError } from '../../src/amocrm/errors.ts'
import { examine } from '../../src/doctor/examine.ts'
import type { Facts } from '../../src/doctor/facts.ts'
import { accountFields } from '../fixtures/account.ts'
import { account, day, facts, faultsOf, now, setup, withAccount, withConnection } from './fitting.ts'

const comment = accountFields.find(({ id }) => id === 685741) ?? expect.fail()

describe('an account that the settings do not fit', () => {
  it('has no faults when they do', () => {
    expect(faultsOf(facts)).toEqual([])
    expect(examine(facts, setup).map(({ group }) => group)).toEqual(
      expect.arrayContaining(['connection', 'forms', 'fields', 'texts']),
    )
  })

  it.each<[AmocrmError['kind'], string]>([
    ['not_connected', 'crm_not_connected'],
    ['unavailable', 'crm_unavailable'],
    ['rate_limited', 'crm_rate_limited'],
    ['unauthorized', 'crm_unauthorized'],
    ['payment_required', 'crm_payment_required'],
    ['forbidden', 'crm_forbidden'],
    ['blocked', 'crm_blocked'],
    ['rejected', 'crm_rejected'],
  ])('without a way in (%s) only that is told', (kind, code) => {
    expect(faultsOf({ ...facts, account: null, trouble: { kind, message: 'HTTP' } })).toEqual([`error ${code}`])
  })

  it.each<[string, Facts, string[]]>([
    ['a token that ends soon', withConnection({ state: 'expiring', until: now + 13 * day }), ['warning token_ending']],
    [
      'tokens that nobody renews',
      withConnection({ state: 'expiring', kind: 'oauth', until: now + 13 * day }),
      ['warning token_idle'],
    ],
    ['an account that has moved', withConnection({ baseUrl: 'https://new.amocrm.ru' }), ['warning host_moved']],
    ['a pause', withConnection({ pausedUntil: now + 9000 }), ['warning paused']],
    [
      'a user with few rights',
      {
        ...withConnection({ user: { id: 1, name: 'x', isAdmin: false } }),
        account: { ...account, users: null, webhooks: null },
      },
      ['warning rights_limited', 'warning marker_impossible'],
    ],
    ['a clock that is a little fast', withAccount({ clockAhead: 40_000 }), ['warning clock_ahead']],
    ['a clock that is very slow', withAccount({ clockAhead: -301_000 }), ['error clock_behind']],
    ['no pipelines', withAccount({ pipelines: [] }), ['error pipeline_missing forms.default.pipeline_id']],
    [
      'an archived pipeline',
      withAccount({ pipelines: account.pipelines.map((pipeline) => ({ ...pipeline, isArchive: true })) }),
      ['error pipeline_archived forms.default.pipeline_id'],
    ],
    [
      'a pipeline without our stage',
      withAccount({
        pipelines: account.pipelines.map((pipeline) => ({ ...pipeline, statuses: [{ id: 142, name: 'Успех' }] })),
      }),
      ['error stage_missing forms.default.status_id'],
    ],
    [
      'a field that somebody has deleted',
      withAccount({ fields: accountFields.filter(({ id }) => id !== 685741) }),
      ['error field_missing forms.default.mapping.comment'],
    ],
    [
      'a field that the CRM works out',
      withAccount({ fields: accountFields.map((field) => ({ ...field, isComputed: field.id === 685741 })) }),
      ['error field_computed forms.default.mapping.comment'],
    ],
    [
      'namesakes among the fields of leads',
      withAccount({ fields: [...accountFields, { ...comment, id: 9, name: 'способ  оплаты' }] }),
      ['warning field_ambiguous'],
    ],
    [
      'namesakes elsewhere',
      withAccount({ fields: [...accountFields, { ...comment, id: 9, name: 'Способ оплаты', entity: 'companies' }] }),
      [],
    ],
    [
      'no field for partners',
      withAccount({ fields: accountFields.filter(({ id }) => id !== 641351) }),
      ['error partner_field_missing'],
    ],
    [
      'a field of leads for partners',
      withAccount({
        fields: accountFields.map((field) => (field.id === 641351 ? { ...field, entity: 'leads' } : field)),
      }),
      ['error partner_field_elsewhere'],
    ],
    [
      'a list for partners',
      withAccount({
        fields: accountFields.map((field) => (field.id === 641351 ? { ...field, type: 'select' } : field)),
      }),
      ['error partner_field_type'],
    ],
    [
      'no partners',
      withAccount({ partners: { contacts: 5, withPartner: 0, duplicatePartners: [] } }),
      ['warning partners_none'],
    ],
    [
      'partners twice',
      withAccount({ partners: { contacts: 5, withPartner: 4, duplicatePartners: [{ partnerId: '7', ids: [1, 2] }] } }),
      ['warning partners_double'],
    ],
    ['no products', withAccount({ catalog: null }), ['error catalog_missing']],
    [
      'products of which a lead takes one, without article numbers',
      withAccount({ catalog: { name: 'Товары', canLinkMultiple: false, fields: [] } }),
      ['warning catalog_single', 'warning catalog_without_sku'],
    ],
    [
      'a marker that is no text',
      withAccount({
        fields: [...accountFields, { ...comment, id: 8, type: 'numeric', code: 'PAROM_ORDER_KEY' }],
      }),
      ['error marker_type'],
    ],
  ])('%s', (_, changed, faults) => {
    expect(faultsOf(changed)).toEqual(faults)
  })

  it('names ten of many doubled partners, with their contacts', () => {
    const duplicatePartners = Array.from({ length: 12 }, (_, index) => ({
      partnerId: String(index),
      ids: [index, index + 100],
    }))
    const found = examine(withAccount({ partners: { contacts: 24, withPartner: 24, duplicatePartners } }), setup)
    const { params } = found.find(({ code }) => code === 'partners_double') ?? expect.fail()
    expect(params).toEqual({ count: '12', list: expect.stringMatching(/^0: 0, 100; .*9: 9, 109; …$/) })
  })
})
