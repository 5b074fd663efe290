/** Something a person has to mend: the message is one sentence with what happened and what to do, printed without a stack. */
export class Failure extends Error {
  /** @param {string} message @param {string} [detail] the end of a tool's output, shown below the sentence */
  constructor(message, detail = '') {
    super(message)
    this.detail = detail
  }
}

const known = [
  [/ENOSPC|No space left on device|disk is full|code 53100/i, 'The disk is full. Free some space and run this again.'],
  [/EDQUOT|Disk quota exceeded/i, 'The disk quota is used up. Free some space and run this again.'],
  [/EROFS|Read-only file system/i, 'The file system is read-only. Set DATA_DIR to a folder that can be written.'],
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH/,
    'The package registry cannot be reached. Check the network (npm config get registry) and run this again.',
  ],
]

/**
 * One sentence for the output of a failed tool or a system error; null when it is none of the usual ones.
 * @param {string} text
 * @param {boolean} [network] whether the tool speaks to the package registry
 */
export function sentenceFor(text, network = false) {
  const candidates = network ? known : known.slice(0, -1)
  return candidates.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

/** The last lines of a tool's output. @param {string} text @param {number} [count] */
export function lastLines(text, count = 15) {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
