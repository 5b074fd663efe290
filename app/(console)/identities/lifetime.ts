/** How much of a span is left, from 1 to 0. */
export function shareLeft(from: Date, until: Date, now = Date.now()): number {
  const whole = Math.max(1, until.getTime() - from.getTime())
  return Math.max(0, Math.min(1, (until.getTime() - now) / whole))
}

/** Whether an end is nearer than `withinMs`. No end is never near. */
export function isEnding(end: Date | null, withinMs: number, now = Date.now()): boolean {
  return end !== null && end.getTime() - now < withinMs
}
