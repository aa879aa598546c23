import type { Router } from 'express'
import type { Context } from '../context.ts'
import { isAdmin } from '../crm/users.ts'
import { addressOf, originOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { inOrder, queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { accountOf } from '../present/present.ts'
import type { User } from '../store/entities.ts'

export function accountRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/account', {
    get: (req, res) => sendHal(res, { ...showAccount(context, withOf(queryOf(req))), ...self(addressOf(req)) }),
  })

  resource(router, '/users', {
    get(req, res) {
      const show = (user: User) => showUser(user, originOf(req))
      sendPage({
        req,
        res,
        name: 'users',
        records: inOrder(queryOf(req), ['id'], store.users.all()),
        show,
        counted: 'items and pages',
      })
    },
  })

  resource(router, '/users/:id', {
    get(req, res) {
      const user = store.users.get(numberOf(req, 'id'))
      sendFound(res, user && showUser(user, originOf(req)))
    },
  })
}

function showAccount({ store, settings }: Context, asked: Set<string>) {
  const { timezone, timezone_offset, ...account } = accountOf(store)
  const [user] = store.users.all()
  const extra = {
    amojo_id: 'f3c6340d-410e-4ad1-9f7e-c5e663599909',
    version: 16,
    drive_url: 'https://drive-a.amocrm.ru',
    is_api_filter_enabled: settings.get().is_api_filter_enabled,
  }
  const embedded = {
    amojo_rights: { can_direct: true, can_create_groups: true },
    users_groups: [{ id: 0, name: 'Отдел продаж', uuid: null }],
    task_types: [
      { id: 1, name: 'Связаться', color: null, icon_id: null, code: 'FOLLOW_UP' },
      { id: 2, name: 'Встреча', color: null, icon_id: null, code: 'MEETING' },
    ],
    entity_names: { leads: { ru: { gender: 'f', plural_form: {}, singular_form: {} } } },
    datetime_settings: datetimeSettings(timezone, timezone_offset),
    invoices_settings: { lang: 'ru', currency: account.currency },
  }
  return {
    ...account,
    created_by: 0,
    updated_at: account.created_at,
    updated_by: 0,
    current_user_id: user?.id ?? 0,
    customers_mode: 'disabled',
    is_unsorted_on: true,
    is_loss_reason_enabled: true,
    is_helpbot_enabled: false,
    is_technical_account: true,
    contact_name_display_order: 1,
    ...only(extra, asked),
    _embedded: only(embedded, asked),
  }
}

function datetimeSettings(timezone: string, timezone_offset: string) {
  return {
    date_pattern: 'd.m.Y H:i',
    short_date_pattern: 'd.m.Y',
    short_time_pattern: 'H:i',
    // Spelled so by amoCRM.
    date_formant: 'd.m.Y',
    time_format: 'H:i:s',
    timezone,
    timezone_offset,
  }
}

function only(part: object, asked: Set<string>) {
  return Object.fromEntries(Object.entries(part).filter(([key]) => asked.has(key)))
}

function showUser(user: User, origin: string) {
  const all = { view: 'A', edit: 'A', add: 'A', delete: 'A', export: 'A' }
  const { is_admin: _, ...person } = user
  const rights = { leads: all, contacts: all, companies: all, is_admin: isAdmin(user), is_free: false, is_active: true }
  return { ...person, rights, ...self(`${origin}/api/v4/users/${user.id}`) }
}
