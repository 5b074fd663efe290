import { uuidv7 } from '@/lib/db/uuid'
import type { RecordId } from '@/proxy/decision-writer'

/** Stands for the decision writer where the bench measures the relay without a record. */
export class DecisionWriter {
  auditGap = 0

  newId(): RecordId {
    const atMs = Date.now()
    return { id: uuidv7(atMs), atMs }
  }

  async record(): Promise<void> {
    // Nothing is kept.
  }

  recordOutcome(): void {
    // Nothing is kept.
  }

  close(): void {
    // Nothing waits.
  }
}
