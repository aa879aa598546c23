import type { Router } from 'express'
import { authorOf, type Context } from '../context.ts'
import { isAdmin } from '../crm/users.ts'
import { addressOf, originOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { inOrder, queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { accountOf } from '../present/present.ts'
import type { User } from '../store/entities.ts'
import { adminsOnly, noExternals } from './rights.ts'

export function accountRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/account', {
    get(req, res) {
      const { userId } = authorOf(context, res)
      sendHal(res, { ...showAccount(context, userId, withOf(queryOf(req))), ...self(addressOf(req)) })
    },
  })

  resource(router, '/users', {
    get(req, res) {
      noExternals(context, res)
      adminsOnly(context, res)
      const query = queryOf(req)
      const records = inOrder(query, ['id'], store.users.all())
      const show = (user: User) => showUser(user, originOf(req), withOf(query))
      sendPage({ req, res, name: 'users', records, show, counted: 'items and pages' })
    },
  })

  resource(router, '/users/:id', {
    get(req, res) {
      noExternals(context, res)
      adminsOnly(context, res)
      const user = store.users.get(numberOf(req, 'id'))
      sendFound(res, user && showUser(user, originOf(req), withOf(queryOf(req))))
    },
  })
}

function showAccount({ store, settings }: Context, current_user_id: number, asked: Set<string>) {
  const { timezone, timezone_offset, ...account } = accountOf(store)
  const extra = {
    amojo_id: 'f3c6340d-410e-4ad1-9f7e-c5e663599909',
    version: 16,
    drive_url: 'https://drive-a.amocrm.ru',
    is_api_filter_enabled: settings.get().is_api_filter_enabled,
  }
  const embedded = {
    amojo_rights: { can_direct: true, can_create_groups: true },
    users_groups: [{ ...salesGroup, uuid: null }],
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
    current_user_id,
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

const salesGroup = { id: 0, name: 'Отдел продаж' }

function showUser(user: User, origin: string, asked: Set<string>) {
  const { is_admin: _admin, is_active = true, ...person } = user
  // All, or what oneself is responsible for.
  const reach = isAdmin(user) ? 'A' : 'M'
  const all = { view: reach, edit: reach, add: reach, delete: reach, export: reach }
  const rights = {
    leads: all,
    contacts: all,
    companies: all,
    tasks: { edit: reach, delete: reach },
    mail_access: false,
    catalog_access: true,
    is_admin: isAdmin(user),
    is_free: false,
    is_active,
    group_id: null,
    role_id: null,
    status_rights: [],
  }
  const embedded = { roles: [], groups: [salesGroup] }
  const shown = {
    ...(asked.has('role') ? { roles: embedded.roles } : {}),
    ...(asked.has('group') ? { groups: embedded.groups } : {}),
  }
  return { ...person, rights, ...self(`${origin}/api/v4/users/${user.id}`), _embedded: shown }
}
