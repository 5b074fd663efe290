import type { SinkKind } from '@/lib/audit/sinks/model'

/** A field of a sink's form. Secrets are written and never read back. */
export interface SinkField {
  readonly name: string
  readonly label: string
  readonly type: 'text' | 'number' | 'lines' | 'check' | 'choice' | 'secret' | 'secret-lines'
  readonly hint?: string
  readonly optional?: boolean
  readonly placeholder?: string
  readonly choices?: readonly (readonly [value: string, words: string])[]
}

const allowPrivate: SinkField = {
  name: 'allowPrivate',
  label: 'Allow private addresses',
  type: 'check',
  hint: 'For a receiver in your own network or on this machine. Otherwise a name that leads there is refused.',
}
const header: readonly SinkField[] = [
  { name: 'headerName', label: 'Header', type: 'text', optional: true, placeholder: 'Authorization' },
  {
    name: 'headerValue',
    label: 'Value of the header',
    type: 'secret',
    optional: true,
    hint: 'What the receiver knows us by.',
  },
]
const ca: SinkField = {
  name: 'ca',
  label: 'Certificate authority',
  type: 'lines',
  optional: true,
  hint: 'PEM; trusted instead of the system’s.',
}

/** In the order of the form. Names are those of the settings and secrets in lib/audit/sinks/model.ts. */
export const fieldsOf: Readonly<Record<SinkKind, readonly SinkField[]>> = {
  webhook: [
    { name: 'url', label: 'Address', type: 'text', placeholder: 'https://siem.example.com/intercept' },
    allowPrivate,
    {
      name: 'signingSecret',
      label: 'Signing secret',
      type: 'secret',
      hint: 'At least 24 characters, known to both sides. Each batch carries an HMAC of it: webhook-signature.',
    },
    {
      name: 'format',
      label: 'Body',
      type: 'choice',
      choices: [
        ['ndjson', 'NDJSON: one record a line'],
        ['json', 'JSON: an array of records'],
      ],
    },
    ...header,
  ],
  otlp: [
    {
      name: 'url',
      label: 'Address',
      type: 'text',
      placeholder: 'https://collector.example.com:4318/v1/logs',
      hint: 'The whole address of OTLP/HTTP logs.',
    },
    allowPrivate,
    ...header,
  ],
  syslog: [
    { name: 'host', label: 'Host', type: 'text', placeholder: 'syslog.example.com' },
    { name: 'port', label: 'Port', type: 'number', optional: true, placeholder: '6514' },
    allowPrivate,
    ca,
    {
      name: 'certificate',
      label: 'Our certificate',
      type: 'lines',
      optional: true,
      hint: 'PEM, where the receiver asks for one.',
    },
    { name: 'clientKey', label: 'Key of our certificate', type: 'secret-lines', optional: true, hint: 'PEM.' },
    {
      name: 'mostBytes',
      label: 'Bytes of a message',
      type: 'number',
      optional: true,
      placeholder: '65536',
      hint: 'A record that is longer goes without its contents.',
    },
  ],
  s3: [
    { name: 'endpoint', label: 'Endpoint', type: 'text', placeholder: 'https://s3.eu-central-1.amazonaws.com' },
    allowPrivate,
    { name: 'region', label: 'Region', type: 'text', optional: true, placeholder: 'us-east-1' },
    { name: 'bucket', label: 'Bucket', type: 'text' },
    { name: 'prefix', label: 'Prefix', type: 'text', optional: true, placeholder: 'intercept' },
    { name: 'accessKeyId', label: 'Access key', type: 'secret' },
    { name: 'secretAccessKey', label: 'Secret key', type: 'secret' },
    {
      name: 'lingerSeconds',
      label: 'Seconds to gather',
      type: 'number',
      optional: true,
      placeholder: '60',
      hint: 'How long records wait for others before they become an object.',
    },
  ],
  nats: [
    { name: 'url', label: 'Address', type: 'text', placeholder: 'tls://nats.example.com:4222' },
    allowPrivate,
    {
      name: 'subject',
      label: 'Subject',
      type: 'text',
      optional: true,
      placeholder: 'intercept.records',
      hint: 'Followed by server and effect. A stream must take it: intercept.records.>',
    },
    ca,
    { name: 'token', label: 'Token', type: 'secret', optional: true },
    { name: 'user', label: 'User', type: 'secret', optional: true },
    { name: 'password', label: 'Password', type: 'secret', optional: true },
    {
      name: 'credentials',
      label: 'Credentials',
      type: 'secret-lines',
      optional: true,
      hint: 'The text of a .creds file.',
    },
  ],
  file: [
    { name: 'mostMegabytes', label: 'Megabytes of a file', type: 'number', optional: true, placeholder: '100' },
    { name: 'mostHours', label: 'Hours of a file', type: 'number', optional: true, placeholder: '24' },
    {
      name: 'keep',
      label: 'Full files that stay',
      type: 'number',
      optional: true,
      placeholder: '0',
      hint: '0 keeps all. The folder is SINK_FILES on the forwarder’s host, in it one named like the sink.',
    },
  ],
}

/** Whether a field's value is sealed. */
export function isSecret({ type }: SinkField): boolean {
  return type === 'secret' || type === 'secret-lines'
}

/** The name of a field's control: what holds `secret` is never put back into a page (components/form/form-state.ts). */
export function controlOf(field: SinkField): string {
  return isSecret(field) ? `secret-${field.name}` : field.name
}
