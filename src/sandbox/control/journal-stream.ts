import type { Request, Response } from 'express'
import type { createJournal } from './journal.ts'

const heartbeatMs = 15_000
const mostUnsent = 1_000_000

/** The journal as it happens, as Server-Sent Events `arrived`, `ended` and `cleared`. */
export function streamJournal(journal: ReturnType<typeof createJournal>, req: Request, res: Response) {
  res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
  res.flushHeaders()
  const send = (text: string) => {
    // Whoever does not read is let go; a browser comes back by itself.
    if (res.writableLength > mostUnsent) req.socket.destroy()
    else res.write(text)
  }
  send('retry: 1000\n\n')
  const unwatch = journal.watch((event, entry) => send(`event: ${event}\ndata: ${JSON.stringify(entry ?? {})}\n\n`))
  const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs).unref()
  res.on('close', () => {
    unwatch()
    clearInterval(heartbeat)
  })
}
