import { z } from 'zod'
import { HeaderName, isLoopbackHost, Slug, UpstreamUrl } from '@/lib/catalogue/model'

/** How records leave: the protocols and places that docs/sinks.md describes. */
export const SinkKind = z.enum(
  ['webhook', 'otlp', 'syslog', 's3', 'nats', 'file'],
  'A kind of sink is webhook, otlp, syslog, s3, nats or file.',
)
export type SinkKind = z.infer<typeof SinkKind>

export const sinkKinds: Readonly<Record<SinkKind, { readonly title: string; readonly what: string }>> = {
  webhook: { title: 'Webhook', what: 'signed batches by HTTPS' },
  otlp: { title: 'OTLP logs', what: 'OpenTelemetry logs over HTTP' },
  syslog: { title: 'Syslog', what: 'RFC 5424 over TLS' },
  s3: { title: 'S3 objects', what: 'compressed NDJSON in a bucket' },
  nats: { title: 'NATS JetStream', what: 'one message a record' },
  file: { title: 'Files', what: 'rotated NDJSON beside the forwarder' },
}

const line = (what: string, max = 200) =>
  z
    .string(`${what} is missing.`)
    .trim()
    .min(1, `${what} is missing.`)
    .max(max, `${what} has at most ${max} characters.`)
    .regex(/^[^\0-\x1f\x7f]*$/, `${what} is one line.`)
const address = z.string('An address is missing.').pipe(UpstreamUrl)
const host = line('A host', 253).regex(/^[A-Za-z0-9._:-]+$/, 'A host is a name or an address, without a port.')
const pem = z
  .string()
  .trim()
  .max(65_536)
  .regex(/^-----BEGIN [A-Z0-9 ]+-----[\s\S]+-----END [A-Z0-9 ]+-----$/, 'This is no PEM: it begins with -----BEGIN.')
const headerValue = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'A header value is one line of Latin-1.')
const seconds = (most: number) => z.coerce.number().int().min(1).max(most)
const allowPrivate = z.boolean().default(false)

/** What may be read by every viewer, by kind. */
export const settingsOf = {
  webhook: z.strictObject({
    url: address,
    allowPrivate,
    format: z.enum(['ndjson', 'json']).default('ndjson'),
    /** A header that the receiver wants, its value a secret. */
    headerName: HeaderName.default('Authorization'),
  }),
  otlp: z.strictObject({
    /** The whole address, usually ending in /v1/logs. */
    url: address,
    allowPrivate,
    headerName: HeaderName.default('Authorization'),
  }),
  syslog: z.strictObject({
    host,
    port: z.coerce.number().int().min(1).max(65_535).default(6514),
    allowPrivate,
    /** Certificate authorities to trust instead of the system's. */
    ca: pem.optional(),
    /** Our certificate, where the receiver asks for one; its key is a secret. */
    certificate: pem.optional(),
    /** Bytes of a message at most; a record that is longer goes without its contents. */
    mostBytes: z.coerce.number().int().min(1_024).max(1_048_576).default(65_536),
  }),
  s3: z.strictObject({
    endpoint: address,
    allowPrivate,
    region: line('A region', 50).default('us-east-1'),
    bucket: line('A bucket', 63).regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'This is no name of a bucket.'),
    prefix: z
      .string()
      .trim()
      .max(200)
      .regex(/^[A-Za-z0-9._/-]*$/, 'A prefix is of A–Z, a–z, 0–9, dot, _, - and /.')
      .default('intercept'),
    /** How long records wait for others before they become an object. */
    lingerSeconds: seconds(3_600).default(60),
  }),
  nats: z.strictObject({
    url: z
      .string('An address is missing.')
      .max(500)
      .regex(
        /^(nats|tls):\/\/[A-Za-z0-9._-]+(:\d{1,5})?$/,
        'An address is nats://host:4222 or tls://host:4222; credentials are given apart.',
      ),
    allowPrivate,
    /** Subjects are prefix.server.effect. */
    subject: z
      .string()
      .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'A subject is words of A–Z, a–z, 0–9, _ and -, parted by dots.')
      .max(100)
      .default('intercept.records'),
    ca: pem.optional(),
  }),
  file: z.strictObject({
    mostMegabytes: z.coerce.number().int().min(1).max(10_240).default(100),
    mostHours: z.coerce.number().int().min(1).max(8_760).default(24),
    /** Full files that stay; 0 keeps all of them. */
    keep: z.coerce.number().int().min(0).max(100_000).default(0),
  }),
} as const

/** What is sealed and never shown again, by kind. */
export const secretsOf = {
  webhook: z.strictObject({
    signingSecret: z
      .string('A signing secret is missing.')
      .min(24, 'A signing secret has at least 24 characters.')
      .max(500),
    headerValue: headerValue.optional(),
  }),
  otlp: z.strictObject({ headerValue: headerValue.optional() }),
  syslog: z.strictObject({ clientKey: pem.optional() }),
  s3: z.strictObject({ accessKeyId: line('An access key'), secretAccessKey: line('A secret key') }),
  nats: z.strictObject({
    token: line('A token', 1_000).optional(),
    user: line('A user').optional(),
    password: line('A password', 1_000).optional(),
    /** The text of a .creds file. */
    credentials: z.string().trim().max(16_384).optional(),
  }),
  file: z.strictObject({}),
} as const

export type Settings<Kind extends SinkKind> = z.output<(typeof settingsOf)[Kind]>
export type Secrets<Kind extends SinkKind> = z.output<(typeof secretsOf)[Kind]>

/** `new` is the page that adds one. */
export const SinkName = z
  .string('A name is missing.')
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'A name is 1 to 63 of a–z, 0–9 and -, and starts and ends with a letter or digit.',
  )
  .refine(name => name !== 'new', 'A sink cannot be called new.')

/** Which records are sent: all that hold for both; an empty list leaves none out. */
const narrowed = {
  effects: z
    .array(z.enum(['allow', 'deny', 'require_approval']))
    .max(3)
    .default([]),
  servers: z.array(Slug).max(100).default([]),
  /** Whether arguments, as stored, are sent along; else each record goes without them. */
  withArguments: z.boolean().default(false),
}

const inputOf = <Kind extends SinkKind>(kind: Kind) =>
  z.strictObject({
    name: SinkName,
    kind: z.literal(kind),
    ...narrowed,
    /** `now`: what is recorded from here on; `beginning`: all that is still stored. */
    start: z.enum(['now', 'beginning']).default('now'),
    settings: settingsOf[kind],
    secrets: secretsOf[kind],
  })

/** A sink as somebody adds it. */
export const SinkInput = z
  .discriminatedUnion('kind', [
    inputOf('webhook'),
    inputOf('otlp'),
    inputOf('syslog'),
    inputOf('s3'),
    inputOf('nats'),
    inputOf('file'),
  ])
  .superRefine(({ settings }, context) => {
    const problem = addressProblemOf(settings)
    if (problem) context.addIssue({ code: 'custom', path: ['settings', problem.field], message: problem.message })
  })
export type SinkInput = z.input<typeof SinkInput>

/** What is left out stays; a secret set to null is removed. The rest is checked with the whole sink. */
export const SinkPatch = z.strictObject({
  name: SinkName,
  effects: z.array(z.string()).optional(),
  servers: z.array(z.string()).optional(),
  withArguments: z.boolean().optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
  secrets: z.record(z.string(), z.string().nullable()).default({}),
})

/** Records are worth no less than credentials: they leave this machine encrypted, or not at all. */
function addressProblemOf(settings: object): { field: string; message: string } | null {
  const [field, address] =
    'endpoint' in settings ? ['endpoint', settings.endpoint] : ['url', 'url' in settings ? settings.url : undefined]
  if (typeof address !== 'string' || !URL.canParse(address)) return null
  const { protocol, hostname } = new URL(address)
  if (protocol === 'https:' || protocol === 'tls:') return null
  if ('allowPrivate' in settings && settings.allowPrivate === true && isLoopbackHost(hostname)) return null
  const message = isLoopbackHost(hostname)
    ? 'This address is on this machine: allow private addresses, or encrypt.'
    : 'Records would travel in the clear: use https:// or tls://. Only on loopback may they, when private addresses are allowed.'
  return { field, message }
}

/** Where a sink's secrets go: they do not move along to another place unseen. */
export function placeOf(settings: object): string {
  const { url, endpoint, host, port } = settings as Record<string, unknown>
  const address = url ?? endpoint
  return typeof address === 'string' && URL.canParse(address)
    ? `${new URL(address).protocol}//${new URL(address).host}`
    : `${host}:${port}`
}

/** Where a sink leads, for people. */
export function targetOf(kind: SinkKind, settings: object): string {
  const { url, endpoint, bucket, host, port } = settings as Record<string, unknown>
  if (kind === 'file') return 'files of the forwarder'
  if (kind === 's3') return `${bucket} at ${placeOf({ endpoint }).replace(/^https?:\/\//, '')}`
  return kind === 'syslog' ? `${host}:${port}` : String(url)
}

/** For each chain the number of the last record that was confirmed. */
export const Cursor = z.record(z.string(), z.number())
export type Cursor = z.infer<typeof Cursor>
