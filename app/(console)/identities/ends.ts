/** What can be chosen as an end, in hours from now; `day` is a day of its own, '' is none. */
export const ends = [
  { value: '8', label: 'for 8 hours' },
  { value: '24', label: 'for 1 day' },
  { value: '168', label: 'for 7 days' },
  { value: '720', label: 'for 30 days' },
  { value: '2160', label: 'for 90 days' },
  { value: 'day', label: 'until the end of a day' },
  { value: '', label: 'until revoked' },
] as const
