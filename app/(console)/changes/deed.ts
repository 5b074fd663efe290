const deeds: Record<string, string> = {
  add: 'added the',
  approve: 'approved tools of the',
  classify: 'classified the',
  create: 'made the',
  disable: 'disabled the',
  enable: 'enabled the',
  issue: 'issued the',
  password: 'set a new password of the',
  pause: 'paused the',
  publish: 'published the',
  remove: 'removed the',
  reset: 'made a link to reset the password of the',
  resume: 'resumed the',
  revoke: 'revoked the',
  scan: 'scanned the',
  test: 'tried out the',
  update: 'changed the',
  verify: 'verified the',
}

/** What an action did, as the middle of a sentence: `server.update` is `changed the server`. */
export function deedOf(action: string): string {
  if (action === 'draft.save') return 'saved a draft of'
  if (action === 'draft.discard') return 'discarded the draft of'
  if (action === 'tool.approve') return 'approved tools of'
  const [entity = '', verb = ''] = action.split('.')
  return `${deeds[verb] ?? `did ${action} to the`} ${entity}`
}
