import type { Request, Response } from 'express'
import { isNamedByCrm } from '../inbox/cause.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { mostLookedAt, type Problem } from '../inbox/problems.ts'
import type { Route } from './routes.ts'
import { listOf } from './run-scopes.ts'
import { may } from './session.ts'
import type { Render } from './views.ts'

interface ProblemPagesOptions {
  inbox: Pick<Inbox, 'problems'>
  render: Render
}

/** Only a person who has looked can say what becomes of these. */
const decidedOneByOne: readonly string[] = ['unknown_outcome', 'conflict']

/** `/app/problems`: why orders are not delivered, the same cause once. */
export function createProblemPages({ inbox, render }: ProblemPagesOptions): Route[] {
  return [{ method: 'get', path: '/app/problems', access: 'orders.see', handle: show }]

  async function show(req: Request, res: Response) {
    const problems = await inbox.problems()
    if (req.accepts(['html', 'json']) === 'json') {
      return res.json({ problems: problems.map((problem) => toJson(problem, may(req, 'orders.read'))) })
    }
    render(req, res, 'problems/index.njk', { problems: problems.map(withAddresses), mostLookedAt })
  }
}

function withAddresses(problem: Problem) {
  const { reason, detail } = problem
  const cause = new URLSearchParams({ reason, cause: detail ?? '' })
  return {
    ...problem,
    isNamed: isNamedByCrm(reason),
    list: listOf({ reason }),
    run: decidedOneByOne.includes(reason) ? null : String(cause),
  }
}

function toJson({ samples, firstAt, lastAt, error, ...problem }: Problem, showsError: boolean) {
  const time = (ms: number) => new Date(ms).toISOString()
  return {
    ...problem,
    first_at: time(firstAt),
    last_at: time(lastAt),
    orders: samples.map(({ id }) => id),
    ...(showsError && { error }),
  }
}
