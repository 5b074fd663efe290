// Preloaded into the proxy's process: its wall clock is set as CLOCK_FILE says, in milliseconds from the real one. What counts
// from the process's start (performance.now, timers) goes on, as it does when an operator or NTP sets a machine's clock.
import { readFileSync } from 'node:fs'

const RealDate = Date
const now = RealDate.now
const shift = () => {
  try {
    return Number(readFileSync(process.env.CLOCK_FILE, 'utf8'))
  } catch {
    return 0
  }
}
let readAt = 0
let shiftMs = 0
function shifted() {
  const real = now()
  if (real - readAt > 20) {
    readAt = real
    shiftMs = shift()
  }
  return real + shiftMs
}
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [shifted()] : given))
  }
  static now() {
    return shifted()
  }
}
