import type { Request, Router } from 'express'
import { authorOf, type Context } from '../context.ts'
import { changeTask, checkChangedTask, checkNewTask, createTask } from '../crm/tasks.ts'
import { checkOne, requestId, writeBatch } from '../http/batch.ts'
import { addressOf, originOf, self, sendFound, sendHal, sendPage } from '../http/hal.ts'
import { invalid, notFound } from '../http/problems.ts'
import { at, fits, inOrder, listOf, type QueryValue, queryOf, rangeOf } from '../http/query.ts'
import { numberOf, resource } from '../http/resource.ts'
import { accountOf } from '../present/present.ts'
import type { Task } from '../store/entities.ts'

export function taskRoutes(router: Router, context: Context) {
  const { store } = context

  resource(router, '/tasks', {
    get(req, res) {
      const found = store.tasks.all().filter(asked(queryOf(req)))
      const records = inOrder(queryOf(req), ['created_at', 'complete_till', 'id'], found)
      sendPage({ req, res, name: 'tasks', records, show: (task) => show(req, task) })
    },
    post(req, res) {
      const tasks = writeBatch(store, req.body, {
        check: (item, report) => checkNewTask(store, item, report),
        write(sent, index) {
          const { id } = createTask(store, sent, authorOf(context, res))
          return { id, request_id: requestId(sent.request_id, index), ...selfOf(req, id) }
        },
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { tasks } })
    },
    patch(req, res) {
      const tasks = writeBatch(store, req.body, {
        check: (item, report) => checkChangedTask(store, undefined, item, report),
        write({ before, sent }, index) {
          const { id, updated_at } = changeTask(store, before, sent, authorOf(context, res))
          return { id, updated_at, request_id: requestId(sent.request_id, index), ...selfOf(req, id) }
        },
      })
      sendHal(res, { ...self(addressOf(req)), _embedded: { tasks } })
    },
  })

  resource(router, '/tasks/:id', {
    get(req, res) {
      const task = store.tasks.get(numberOf(req, 'id'))
      sendFound(res, task && show(req, task))
    },
    patch(req, res) {
      const known = numberOf(req, 'id')
      if (!store.tasks.get(known)) throw notFound(req)
      const { id, updated_at } = store.write(() => {
        const { before, sent } = checkOne(req.body, (item, report) => checkChangedTask(store, known, item, report))
        return changeTask(store, before, sent, authorOf(context, res))
      })
      sendHal(res, { id, updated_at, ...selfOf(req, id) })
    },
  })

  function show(req: Request, task: Task) {
    return {
      ...task,
      group_id: 0,
      // Empty arrays and empty objects are the same to PHP.
      result: task.result === null ? [] : { text: task.result },
      account_id: accountOf(store).id,
      ...selfOf(req, task.id),
    }
  }
}

const selfOf = (req: Request, id: number) => self(`${originOf(req)}/api/v4/tasks/${id}`)

function asked(query: QueryValue): (task: Task) => boolean {
  const list = (key: string) => listOf(at(query, 'filter', key))
  const [ids, types, users] = [list('id'), list('task_type'), list('responsible_user_id')]
  const [entityTypes, entities, completed] = [list('entity_type'), list('entity_id'), list('is_completed')]
  const updated = rangeOf(at(query, 'filter', 'updated_at'))
  if (entities.length > 0 && entityTypes.length === 0) throw invalid([{ request_id: '0', errors: [typeIsMissing] }])
  return (task) => {
    if (updated && !(task.updated_at >= updated.from && task.updated_at <= updated.to)) return false
    if (!fits(entityTypes, task.entity_type) || !fits(entities, task.entity_id)) return false
    if (!fits(ids, task.id) || !fits(types, task.task_type_id)) return false
    return fits(users, task.responsible_user_id) && fits(completed, Number(task.is_completed))
  }
}

const typeIsMissing = { code: 'FieldMissing', path: 'filter.entity_type', detail: 'This field is missing.' }
