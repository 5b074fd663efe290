/** Calls of one identity, of all together, and requests of one session's server, that may be under way at once. */
export const MAX_UNDER_WAY = { ofIdentity: 256, ofAll: 2_048, ofServer: 32 }

/** Whether a call may begin: then how it leaves, else why not. */
export type Entry =
  | { readonly leave: () => void; readonly problem?: undefined }
  | { readonly leave?: undefined; readonly problem: string }

/** Counts the calls that are under way, so that neither one identity nor all together take more than this proxy has. */
export class UnderWay {
  readonly #lanes = new Map<string, number>()
  #count = 0
  #isStopping = false

  /** Nothing more begins; what is under way goes on, with what its server asks of the client. */
  drain(): void {
    this.#isStopping = true
  }

  enterCall(identityId: string): Entry {
    if (this.#isStopping) return { problem: 'This proxy is stopping. Try again.' }
    if (this.#count >= MAX_UNDER_WAY.ofAll)
      return { problem: 'This proxy has too many calls under way. Try again later.' }
    const leaveLane = this.#enter(identityId, MAX_UNDER_WAY.ofIdentity)
    if (!leaveLane) return { problem: 'Too many calls are under way. Wait for some to end.' }
    this.#count += 1
    return {
      leave: () => {
        this.#count -= 1
        leaveLane()
      },
    }
  }

  /**
   * What a server asks of its client counts for itself, or a server could use up what the identity may have under way
   * elsewhere.
   */
  enterAsked(session: string): Entry {
    const leave = this.#enter(`session ${session}`, MAX_UNDER_WAY.ofServer)
    return leave ? { leave } : { problem: 'The server has too many requests under way.' }
  }

  #enter(lane: string, max: number): (() => void) | null {
    const count = this.#lanes.get(lane) ?? 0
    if (count >= max) return null
    this.#lanes.set(lane, count + 1)
    return () => {
      const left = (this.#lanes.get(lane) ?? 1) - 1
      if (left === 0) this.#lanes.delete(lane)
      else this.#lanes.set(lane, left)
    }
  }
}
