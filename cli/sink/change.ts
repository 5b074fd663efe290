import { readFileSync } from 'node:fs'
import { addSink, testSink, updateSink } from '@/lib/audit/sinks/commands'
import { type SinkInput, SinkKind } from '@/lib/audit/sinks/model'
import type { Actor } from '@/lib/auth/model'
import { parseInput, refuseField } from '@/lib/auth/refusal'
import { exitCodes } from '../output'

interface Described {
  readonly set?: readonly string[]
  readonly setFile?: readonly string[]
  readonly secret?: readonly string[]
  readonly secretFile?: readonly string[]
  readonly effect?: readonly string[]
  readonly server?: readonly string[]
  readonly arguments?: boolean
}

export interface AddOptions extends Described {
  readonly from: 'now' | 'beginning'
}

export interface UpdateOptions extends Described {
  readonly unset?: readonly string[]
  readonly unsetSecret?: readonly string[]
  readonly all?: boolean
}

/** `name=value`, the value with whatever `=` it holds. The message never repeats the value. */
function readPairs(option: string, pairs: readonly string[] = []): [name: string, value: string][] {
  return pairs.map(pair => {
    const at = pair.indexOf('=')
    if (at <= 0) throw refuseField(option, `Write --${option} as name=value.`)
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
}

function readFiles(option: string, pairs: readonly string[] = []): [name: string, text: string][] {
  return readPairs(option, pairs).map(([name, file]) => {
    try {
      return [name, readFileSync(file, 'utf8').trim()]
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw refuseField(option, `${file} cannot be read (${code}).`)
    }
  })
}

function settingsIn(options: Described): Record<string, unknown> {
  const words = readPairs('set', options.set).map(([name, word]) => [name, readWord(word)])
  return Object.fromEntries([...words, ...readFiles('set-file', options.setFile)])
}

const readWord = (word: string) => (word === 'true' ? true : word === 'false' ? false : word)

function secretsIn(options: Described): Record<string, string> {
  const pairs = [...readPairs('secret', options.secret), ...readFiles('secret-file', options.secretFile)]
  return Object.fromEntries(pairs)
}

/** Adds a sink as it was written on the command line. @throws Refusal */
export async function addFromWords(actor: Actor, name: string, word: string, options: AddOptions) {
  const kind = parseInput(SinkKind, word)
  const input = {
    name,
    kind,
    start: options.from,
    effects: options.effect,
    servers: options.server,
    withArguments: options.arguments === true,
    settings: settingsIn(options),
    secrets: secretsIn(options),
  }
  // The command checks what was written against the kind.
  return addSink(actor, input as unknown as SinkInput)
}

export function sayAdded({ name }: { name: string }): string {
  return `Added sink ${name}. Next: intercept sink test ${name}\n`
}

/** Changes what was named on the command line. @throws Refusal */
export async function updateFromWords(actor: Actor, name: string, options: UpdateOptions) {
  const gone = (names: readonly string[] = []) => Object.fromEntries(names.map(each => [each, null]))
  return updateSink(actor, {
    name,
    effects: options.all ? [] : options.effect && [...options.effect],
    servers: options.all ? [] : options.server && [...options.server],
    withArguments: options.arguments,
    settings: { ...settingsIn(options), ...gone(options.unset) },
    secrets: { ...secretsIn(options), ...gone(options.unsetSecret) },
  })
}

export function sayUpdated({ name }: { name: string }): string {
  return `Changed sink ${name}.\n`
}

/** Tries a sink out; what was not taken ends with 1. @throws Refusal */
export async function tryOut(actor: Actor, name: string) {
  const tested = await testSink(actor, { name })
  if (tested.error !== null) process.exitCode = exitCodes.refused
  return tested
}

export function sayTested({ name, error }: { name: string; error: string | null }): string {
  return error === null ? `${name} took the test event.\n` : `${name} did not take the test event: ${error}\n`
}
