import type { Request, Router } from 'express'
import type { Context } from '../context.ts'
import { askedEvents } from '../events/event-filter.ts'
import { eventTypes } from '../events/event-types.ts'
import { addressOf, originOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { queryOf, withOf } from '../http/query.ts'
import { resource } from '../http/resource.ts'
import { accountOf } from '../present/present.ts'
import type { AccountEvent } from '../store/news-entities.ts'

const highestLimit = 100

export function eventRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/events', {
    get(req, res) {
      const records = visible()
        .filter(askedEvents(queryOf(req)))
        .reverse()
      sendPage({ req, res, name: 'events', records, show: (event) => show(req, event), highest: highestLimit })
    },
  })

  resource(router, '/events/types', {
    get(req, res) {
      const types = eventTypes.map(([key, type, lang]) => ({ key, type, lang }))
      sendHal(res, { _total_items: types.length, ...self(addressOf(req)), _embedded: { events_types: types } })
    },
  })

  resource(router, '/events/:eventId', {
    get(req, res) {
      const event = visible().find(({ id }) => id === req.params['eventId'])
      sendFound(res, event && show(req, event))
    },
  })

  function visible() {
    const until = context.clock.ms() - context.settings.get().events_delay_ms
    return store.events.all().filter(({ at_ms }) => at_ms <= until)
  }

  function show(req: Request, { at_ms: _, ...event }: AccountEvent) {
    return {
      ...event,
      account_id: accountOf(store).id,
      ...self(`${originOf(req)}/api/v4/events/${event.id}`),
      _embedded: { entity: entityOf(req, event) },
    }
  }

  function entityOf(req: Request, { entity_type, entity_id: id }: Pick<AccountEvent, 'entity_type' | 'entity_id'>) {
    const asked = withOf(queryOf(req))
    const api = `${originOf(req)}/api/v4`
    const catalogId = Number(entity_type.replace('catalog_', ''))
    if (entity_type.startsWith('catalog_')) {
      return {
        id,
        ...(asked.has('catalog_element_name') ? { name: store.elements.get(id)?.name } : {}),
        catalog_id: catalogId,
        ...(asked.has('catalog_name') ? { catalog_name: store.catalogs.get(catalogId)?.name } : {}),
        ...self(`${api}/catalogs/${catalogId}/elements/${id}`),
      }
    }
    const plural = plurals[entity_type] ?? 'leads'
    const name = plural === 'tasks' ? undefined : store[plural].get(id)?.name
    return { id, ...(asked.has(`${entity_type}_name`) ? { name } : {}), ...self(`${api}/${plural}/${id}`) }
  }
}

const plurals: Record<string, 'leads' | 'contacts' | 'companies' | 'tasks'> = {
  lead: 'leads',
  contact: 'contacts',
  company: 'companies',
  task: 'tasks',
}
