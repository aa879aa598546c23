import type { Outcome, Reason } from '../inbox/message.ts'

/** What is said of the delivery. */
export interface WorkerLog {
  delivered(message: string, leadId: number, sinceReceived: number): void
  failed(message: string, outcome: Outcome['kind'], reason: Reason, error: string): void
  held(reason: Reason, error: string): void
  resumed(): void
  broken(error: unknown): void
}
