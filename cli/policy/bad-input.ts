/** What the caller gave cannot be used: the message says what to change, and the command ends with exit code 2. */
export class BadInput extends Error {}

/** Runs an action; its number is the exit code, bad input is one sentence and 2. */
export async function runAction(action: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await action()
  } catch (error) {
    if (!(error instanceof BadInput)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  }
}
