import { createNotes, listNotes } from '../amocrm/notes.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { isSameNote, noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { Translate } from '../mapping/plan.ts'
import { type Attempt, type Failures, leadOf } from './attempt.ts'
import type { createBatchSize } from './batch-size.ts'
import { blame, UnnamedError } from './blame.ts'
import { notesOf } from './requests.ts'
import type { StepRunner } from './steps.ts'

interface Tools {
  runStep: StepRunner
  inbox: Inbox
  batchSize: ReturnType<typeof createBatchSize>
  translate: Translate
}

/** What is on a lead, and what is still to be written on it. */
interface Notes {
  texts: string[]
  existing: { id: number; text: string }[]
  missing: { text: string; index: number }[]
}

/** Writes on each lead the note of its order, with what could not be placed. */
export function createNoteWriter({ runStep, inbox, batchSize, translate }: Tools) {
  async function writeNotes(attempts: Attempt[]): Promise<Failures> {
    const due = attempts.filter(({ claim }) => claim.noteId === null)
    const { notes, failures } = await readNotes(due)
    const missingOf = (attempt: Attempt) => notes.get(attempt)?.missing ?? []
    const lacking = due.filter((attempt) => missingOf(attempt).length > 0 && !failures.has(attempt))
    const written = due.filter((attempt) => missingOf(attempt).length === 0 && !failures.has(attempt))
    for (const attempt of written) {
      const { claim } = attempt
      claim.noteId = firstNote(notes.get(attempt))
      if (claim.noteId !== null) inbox.recordLater({ claim, progress: { note_id: claim.noteId } })
    }
    for (const batch of batchSize.split(lacking, (attempt) => missingOf(attempt).length)) {
      const { failed, again } = blame(batch, await write(batch, notes))
      for (const [attempt, error] of failed) failures.set(attempt, error)
      for (const group of again) for (const [attempt, error] of await writeNotes(group)) failures.set(attempt, error)
    }
    return failures
  }

  /** A note has no marker, so one that may have been written is known by its text. */
  async function readNotes(attempts: Attempt[]) {
    const notes = new Map<Attempt, Notes>()
    const compare = (attempt: Attempt, existing: Notes['existing']) => {
      const texts = splitNote(noteWithWarnings(attempt.plan.note, attempt.claim.warnings, translate))
      const isThere = ({ text }: { text: string }) => existing.some((note) => isSameNote(note.text, text, translate))
      const missing = texts.map((text, index) => ({ text, index })).filter((part) => !isThere(part))
      notes.set(attempt, { texts, existing, missing })
    }
    for (const attempt of attempts) compare(attempt, [])
    const unsure = attempts.filter(({ claim }) => claim.noteRequested)
    const failures = await runStep(
      {
        name: 'note_check',
        isRecordedLater: true,
        send: (client) => listNotes(client, unsure.map(leadOf)),
        learn(attempt, found) {
          const own = found.filter(({ leadId }) => leadId === leadOf(attempt))
          compare(attempt, own)
          return {}
        },
      },
      unsure,
    )
    return { notes, failures }
  }

  async function write(batch: Attempt[], notes: Map<Attempt, Notes>): Promise<Failures> {
    const failures = await runStep(
      {
        name: 'note',
        isRecordedLater: true,
        before({ claim }) {
          claim.noteRequested = true
          return {}
        },
        send: (client) =>
          createNotes(
            client,
            batch.flatMap((attempt) => notesOf(leadOf(attempt), attempt.claim.key, notes.get(attempt)?.missing ?? [])),
          ),
        learn(attempt, ids) {
          const { claim } = attempt
          const id = firstNote(notes.get(attempt)) ?? ids.get(`${claim.key}:0`)
          if (id === undefined) throw new UnnamedError('the answer does not name the note')
          claim.noteId = id
          return { note_id: id }
        },
      },
      batch,
    )
    batchSize.learn(batch.flatMap((attempt) => notes.get(attempt)?.missing ?? []).length, failures)
    return failures
  }

  /** The id of the note that the text begins with, where it is there already. */
  function firstNote({ texts: [first = ''], existing }: Notes = { texts: [], existing: [], missing: [] }) {
    return existing.find(({ text }) => isSameNote(text, first, translate))?.id ?? null
  }

  return writeNotes
}
