import { z } from 'zod'

/** The name of a server in every address, command, grant and `server.name`. */
export const Slug = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'A slug is 1 to 63 of a–z, 0–9 and -, and starts and ends with a letter or digit.',
  )
export type Slug = z.infer<typeof Slug>

/** A name of the MCP registry, say `io.github.Swih/mistral-mcp`. */
export const RegistryName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9.-]+\/[A-Za-z0-9._-]+$/, 'A registry name is a reverse domain, a slash and a name.')

export const Category = z.enum(['Read', 'Write', 'Execute', 'Destructive', 'Financial'])
export type Category = z.infer<typeof Category>

export const Risk = z.enum(['low', 'medium', 'high', 'critical'])
export type Risk = z.infer<typeof Risk>

export const riskOf: Readonly<Record<Category, Risk>> = {
  Read: 'low',
  Write: 'medium',
  Execute: 'high',
  Destructive: 'critical',
  Financial: 'critical',
}

/** What a drifted definition means for a call; `warn` lets it through and records it. */
export const Drift = z.enum(['block', 'warn'])
export type Drift = z.infer<typeof Drift>

/** How much of a call's arguments the record keeps. */
export const ArgumentsKept = z.enum(['keep', 'masked', 'keys', 'none'])
export type ArgumentsKept = z.infer<typeof ArgumentsKept>

const noControl = /^[^\p{Cc}]*$/u
const text = (label: string, max: number) =>
  z
    .string()
    .max(max, `${label} is longer than ${max} characters.`)
    .regex(noControl, `${label} holds a control character.`)

export const EnvironmentName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'A variable name is letters, digits and _, and does not start with a digit.')
// RFC 9110 §5.6.2. Those that frame the message are the transport's own.
export const HeaderName = z
  .string()
  .max(128)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'A header name is a token of RFC 9110.')
  .refine(
    name =>
      !/^(host|connection|content-length|content-type|transfer-encoding|upgrade|accept|te|trailer|expect|mcp-.*)$/i.test(
        name,
      ),
    'The transport sets this header itself.',
  )
const EnvironmentValue = z
  .string()
  .max(16_384)
  .refine(value => !value.includes('\0'), 'A value holds a NUL.')
const HeaderValue = z
  .string()
  .max(16_384)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'A header value is one line of Latin-1.')

export const Environment = z.record(EnvironmentName, EnvironmentValue)
export const Headers = z.record(HeaderName, HeaderValue)

/** Argument list of a stdio server, started without a shell. */
export const Command = z
  .array(
    z
      .string()
      .max(4_096)
      .refine(part => !part.includes('\0'), 'An argument holds a NUL.'),
  )
  .min(1, 'Say which program starts the server.')
  .max(64)
  .refine(parts => parts[0] !== '', 'Say which program starts the server.')

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a URL's host is this machine by its spelling alone. */
export function isLoopbackHost(hostname: string): boolean {
  return loopback.test(hostname.toLowerCase())
}

/** Address of an http server; credentials belong into headers. */
export const UpstreamUrl = z
  .string()
  .max(2_048)
  .refine(
    value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'An address starts with https:// (or http:// on loopback).',
  )
  .refine(
    value => !URL.canParse(value) || (new URL(value).username === '' && new URL(value).password === ''),
    'Put credentials into a header, not into the address.',
  )
  .refine(value => !URL.canParse(value) || new URL(value).hash === '', 'An address has no #fragment.')

/** How long a call may stay silent, and last, where nobody has said otherwise: tools may work long. */
export const DEFAULT_DEADLINES = { idleSeconds: 600, seconds: 3_600 } as const

/** How long a call may stay silent, or last; null is the default. */
const Deadline = z
  .int('A deadline is a whole number of seconds.')
  .min(5, 'A deadline has at least 5 seconds.')
  .max(86_400, 'A deadline has at most 86400 seconds.')
  .nullable()
  .default(null)

const shared = {
  slug: Slug,
  title: text('A title', 100).optional(),
  registryName: RegistryName.optional(),
  /** E-mail of the member who answers for the server. */
  steward: z.email().optional(),
  drift: Drift.default('block'),
  argumentsKept: ArgumentsKept.default('masked'),
  idleDeadlineSeconds: Deadline,
  deadlineSeconds: Deadline,
}

const StdioServer = z.strictObject({
  ...shared,
  transport: z.literal('stdio'),
  command: Command,
  environment: Environment.default({}),
  /** One child for the sessions of all identities, instead of one for each session. */
  isShared: z.boolean().default(false),
})
const HttpServer = z.strictObject({
  ...shared,
  transport: z.literal('http'),
  url: UpstreamUrl,
  headers: Headers.default({}),
  allowPrivate: z.boolean().default(false),
  /** HTTP with SSE of 2024-11-05: known to be so, and not to be found out. */
  isSse: z.boolean().default(false),
})

/** A server as an admin adds it. Environment and headers are sealed at once; only their names are ever shown. */
export const ServerInput = z
  .discriminatedUnion('transport', [StdioServer, HttpServer])
  .superRefine((server, context) => {
    if (server.transport !== 'http' || !URL.canParse(server.url)) return
    const { protocol, hostname } = new URL(server.url)
    if (protocol === 'https:' || (server.allowPrivate && isLoopbackHost(hostname))) return
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: isLoopbackHost(hostname)
        ? 'This address is on this machine: allow private addresses, or use https.'
        : 'Calls and credentials would travel in the clear: use https. Plain http is taken on loopback only.',
    })
  })
export type ServerInput = z.infer<typeof ServerInput>

/** What a server's credentials are once opened. */
export const Credentials = z.object({ environment: Environment, headers: Headers })
export type Credentials = z.infer<typeof Credentials>
