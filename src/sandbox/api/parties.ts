import type { Request, Router } from 'express'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { changeParty, checkChangedParty, checkNewParty, createParty, type PartyType } from '../crm/contacts.ts'
import { checkOne, requestId, requestIdIfSent, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { inOrder, queryOf, withOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { listed } from '../search/listed.ts'
import type { Company, Contact } from '../store/entities.ts'
import { isThere, live } from '../store/live.ts'

type Party = Contact | Company

/** Contacts and companies. */
export function partyRoutes(router: Router, context: Context) {
  const { store } = context
  for (const type of ['contacts', 'companies'] as const) {
    serveAll(type)
    serveOne(type)
  }

  function serveAll(type: PartyType) {
    resource(router, `/${type}`, {
      get(req, res) {
        const query = queryOf(req)
        const visible = store[type].all().filter((party: Party) => isThere(party) && !party.is_unsorted)
        const records = inOrder(query, ['updated_at', 'id'], listed<Party>(context, type, query, visible))
        sendPage({ req, res, name: type, records, show: (party) => show(req, party) })
      },
      post(req, res) {
        const { reference } = presenterFor(context, req)
        const flags = type === 'contacts' ? { is_deleted: false, is_unsorted: false } : {}
        const created = writeBatch(store, req.body, {
          check: (item, report) => checkNewParty(store, type, item, report),
          write(draft, index) {
            const { id } = createParty(store, type, draft, authorOf(context, res))
            return { ...flags, request_id: requestId(draft.sent.request_id, index), ...reference(type, id) }
          },
        })
        sendHal(res, { ...self(addressOf(req)), _embedded: { [type]: created } })
      },
      patch(req, res) {
        const changed = writeBatch(store, req.body, {
          check: (item, report) => checkChangedParty(store, type, undefined, item, report),
          write({ id, draft }) {
            const party = changeParty(store, type, id, draft, authorOf(context, res))
            return { ...brief(req, type, party), ...requestIdIfSent(draft.sent.request_id) }
          },
        })
        sendHal(res, { ...self(addressOf(req)), _embedded: { [type]: changed } })
      },
    })
  }

  function serveOne(type: PartyType) {
    resource(router, `/${type}/:id`, {
      get(req, res) {
        const party = live(store, type, numberOf(req, 'id'))
        sendFound(res, party && show(req, party))
      },
      patch(req, res) {
        const known = numberOf(req, 'id')
        if (!store[type].get(known)) throw notFound(req)
        const changed = store.write(() => {
          const check = checkOne(req.body, (item, report) => checkChangedParty(store, type, known, item, report))
          return changeParty(store, type, known, check.draft, authorOf(context, res))
        })
        sendHal(res, brief(req, type, changed))
      },
    })
  }

  function show(req: Request, party: Party) {
    const presenter = presenterFor(context, req)
    const asked = withOf(queryOf(req))
    return 'first_name' in party ? presenter.contact(party, asked) : presenter.company(party, asked)
  }

  function brief(req: Request, type: PartyType, party: Party | undefined) {
    if (!party) throw notFound(req)
    const { id, name, updated_at } = party
    return { name, updated_at, ...presenterFor(context, req).reference(type, id) }
  }
}
