import { DecisionWriter as Recorder } from '@/proxy/decision-writer'

/** Stands for the decision writer where the bench measures the relay without a record. */
export class DecisionWriter extends Recorder {
  override async record(): Promise<void> {
    // Nothing is kept.
  }

  override recordOutcome(): void {
    // Nothing is kept.
  }
}
