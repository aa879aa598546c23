import type { Request, Response, Router } from 'express'
import { authorOf, type Context, presenterFor } from '../context.ts'
import { changeNote, checkChangedNote, checkNewNote, createNote } from '../crm/notes.ts'
import { checkOne, requestId, requestIdIfSent, writeBatch } from '../http/batch.ts'
import { addressOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, type QueryValue, queryOf, rangeOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { type EntityType, entityTypes, type Note } from '../store/entities.ts'
import { live } from '../store/live.ts'

/** Notes of leads, contacts and companies. */
export function noteRoutes(router: Router, context: Context) {
  const { store } = context
  for (const type of entityTypes) serve(type)

  function serve(type: EntityType) {
    resource(router, `/${type}/notes`, {
      get: (req, res) => list(req, res, store.notes.under(type)),
      post: (req, res) => create(req, res, type),
      patch: (req, res) => change(req, res, store.notes.under(type)),
    })
    resource(router, `/${type}/notes/:noteId`, {
      get: (req, res) => show(req, res, store.notes.under(type)),
      patch: (req, res) => changeOne(req, res, store.notes.under(type)),
    })
    resource(router, `/${type}/:id/notes`, {
      get: (req, res) => list(req, res, notesOf(req, type)),
      post: (req, res) => create(req, res, type, entityOf(req, type)),
      patch: (req, res) => change(req, res, notesOf(req, type)),
    })
    resource(router, `/${type}/:id/notes/:noteId`, {
      get: (req, res) => show(req, res, store.notes.under(`${type}:${numberOf(req, 'id')}`)),
      patch: (req, res) => changeOne(req, res, notesOf(req, type)),
    })
  }

  function list(req: Request, res: Response, notes: Note[]) {
    const records = inOrder(queryOf(req), ['updated_at', 'id'], notes.filter(asked(queryOf(req))))
    sendPage({ req, res, name: 'notes', records, show: presenterFor(context, req).note })
  }

  function show(req: Request, res: Response, notes: Note[]) {
    const note = notes.find(({ id }) => id === numberOf(req, 'noteId'))
    sendFound(res, note && presenterFor(context, req).note(note))
  }

  function create(req: Request, res: Response, type: EntityType, entityId?: number) {
    const notes = writeBatch(store, req.body, {
      check: (item, report) => checkNewNote(store, type, entityId, item, report),
      write(draft, index) {
        const note = createNote(store, type, draft, authorOf(context, res))
        const { id, entity_id, _links } = presenterFor(context, req).note(note)
        return { id, entity_id, request_id: requestId(draft.sent.request_id, index), _links }
      },
    })
    sendHal(res, { ...self(addressOf(req)), _embedded: { notes } })
  }

  function change(req: Request, res: Response, notes: Note[]) {
    const changed = writeBatch(store, req.body, {
      check: (item, report) => checkChangedNote(store, notes, undefined, item, report),
      write: ({ before, sent }) => ({
        ...brief(req, changeNote(store, before, sent, authorOf(context, res))),
        ...requestIdIfSent(sent.request_id),
      }),
    })
    sendHal(res, { ...self(addressOf(req)), _embedded: { notes: changed } })
  }

  function changeOne(req: Request, res: Response, notes: Note[]) {
    const id = numberOf(req, 'noteId')
    if (!notes.some((note) => note.id === id)) throw notFound(req)
    const changed = store.write(() => {
      const { before, sent } = checkOne(req.body, (item, report) => checkChangedNote(store, notes, id, item, report))
      return changeNote(store, before, sent, authorOf(context, res))
    })
    sendHal(res, brief(req, changed))
  }

  function brief(req: Request, note: Note) {
    const { id, entity_id, updated_at, _links } = presenterFor(context, req).note(note)
    return { id, entity_id, updated_at, _links }
  }

  function notesOf(req: Request, type: EntityType) {
    return store.notes.under(`${type}:${entityOf(req, type)}`)
  }

  function entityOf(req: Request, type: EntityType) {
    const id = numberOf(req, 'id')
    if (!live(store, type, id)) throw notFound(req)
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
