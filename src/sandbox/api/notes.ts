import type { Request, Response, Router } from 'express'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { checkNewNote, createNote } from '../crm/notes.ts'
import { checkBatch, requestId } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, type QueryValue, queryOf, rangeOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { type EntityType, entityTypes, type Note } from '../store/entities.ts'

/** Notes of leads, contacts and companies. */
export function noteRoutes(router: Router, context: Context) {
  const { store } = context
  for (const type of entityTypes) serve(type)

  function serve(type: EntityType) {
    resource(router, `/${type}/notes`, {
      get: (req, res) => list(req, res, store.notes.under(type)),
      post: (req, res) => create(req, res, type),
    })
    resource(router, `/${type}/:id/notes`, {
      get: (req, res) => list(req, res, store.notes.under(`${type}:${entityOf(req, type)}`)),
      post: (req, res) => create(req, res, type, entityOf(req, type)),
    })
    resource(router, `/${type}/:id/notes/:noteId`, {
      get(req, res) {
        const note = store.notes
          .under(`${type}:${numberOf(req, 'id')}`)
          .find(({ id }) => id === numberOf(req, 'noteId'))
        sendFound(res, note && presenterFor(context, req).note(note))
      },
    })
  }

  function list(req: Request, res: Response, notes: Note[]) {
    const records = inOrder(queryOf(req), ['updated_at', 'id'], notes.filter(asked(queryOf(req))))
    sendPage({ req, res, name: 'notes', records, show: presenterFor(context, req).note })
  }

  function create(req: Request, res: Response, type: EntityType, entityId?: number) {
    const presenter = presenterFor(context, req)
    const notes = store.write(() =>
      checkBatch(req.body, (item, report) => checkNewNote(store, type, entityId, item, report)).map((draft, index) => {
        const note = createNote(store, type, draft, authorOf(context, res))
        const { id, entity_id, _links } = presenter.note(note)
        return { id, entity_id, request_id: requestId(draft.sent.request_id, index), _links }
      }),
    )
    sendHal(res, { ...self(addressOf(req)), _embedded: { notes } })
  }

  function entityOf(req: Request, type: EntityType) {
    const id = numberOf(req, 'id')
    if (!store[type].get(id)) throw notFound(req)
    return id
  }
}

function asked(query: QueryValue): (note: Note) => boolean {
  const ids = listOf(at(query, 'filter', 'id'))
  const entities = listOf(at(query, 'filter', 'entity_id'))
  const types = listOf(at(query, 'filter', 'note_type'))
  const updated = rangeOf(at(query, 'filter', 'updated_at'))
  return (note) => {
    if (updated && (note.updated_at < updated.from || note.updated_at > updated.to)) return false
    return fits(ids, note.id) && fits(entities, note.entity_id) && fits(types, note.note_type)
  }
}
