import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/** Gives what a file exports by default, or the error that it cannot be had for. */
export type ImportFile = (file: string) => Promise<unknown>

export async function importFile(file: string): Promise<unknown> {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Ms for one file. */
const patienceMs = 10_000

/**
 * Imports files as they are now, with all that they import. A module stays in its thread as it was first read, so that
 * `work` gets threads of its own, which a file that never comes to its end cannot hold up either.
 */
export async function withFreshImports<Result>(work: (importFile: ImportFile) => Promise<Result>): Promise<Result> {
  // Between two files nobody else listens to what goes wrong.
  const startThread = () => new Worker(new URL('import-thread.mjs', import.meta.url)).on('error', () => {})
  let thread = startThread()
  /** One file at a time. What a thread was ended by, or does not come back from, is that file's fault alone. */
  async function importFresh(file: string) {
    if (thread.threadId < 0) thread = startThread()
    const { content, isOver } = await importIn(thread, file)
    if (isOver) {
      await thread.terminate()
      thread = startThread()
    }
    return content
  }
  try {
    return await work(importFresh)
  } finally {
    await thread.terminate()
  }
}

function importIn(thread: Worker, file: string): Promise<{ content: unknown; isOver: boolean }> {
  return new Promise((resolve) => {
    const end = (content: unknown, isOver: boolean) => {
      clearTimeout(patience)
      thread.off('message', answered).off('error', failed).off('exit', exited)
      resolve({ content, isOver })
    }
    const answered = ({ content, fault }: { content?: unknown; fault?: string }) =>
      end(fault === undefined ? content : new Error(fault), false)
    const failed = (error: unknown) => end(error, true)
    const exited = () => end(new Error('process.exit'), true)
    const patience = setTimeout(() => end(new Error(`${patienceMs} ms`), true), patienceMs)
    thread.on('message', answered).on('error', failed).on('exit', exited)
    thread.postMessage(pathToFileURL(file).href)
  })
}
