export interface ChangedLines {
  readonly added: number
  readonly removed: number
}

/** Counts lines of one text that the other has not, and the reverse; a moved line counts as neither. Linear in size. */
export function changedLines(before: string, after: string): ChangedLines {
  const balance = new Map<string, number>()
  for (const line of before === '' ? [] : before.split('\n')) balance.set(line, (balance.get(line) ?? 0) - 1)
  for (const line of after === '' ? [] : after.split('\n')) balance.set(line, (balance.get(line) ?? 0) + 1)
  let added = 0
  let removed = 0
  for (const count of balance.values()) {
    if (count > 0) added += count
    else removed -= count
  }
  return { added, removed }
}
