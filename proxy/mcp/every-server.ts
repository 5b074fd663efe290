import type { EnforcedServer } from '../enforcement'

/** Stands for all servers where one is expected; no slug is written so. */
export const EVERY_SERVER: EnforcedServer = {
  id: '',
  slug: '(all)',
  transport: 'http',
  command: [],
  url: null,
  allowPrivate: false,
  sealed: null,
  drift: 'block',
  argumentsKept: 'masked',
  tools: new Map(),
  policies: [],
}
