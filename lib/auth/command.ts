import type { z } from 'zod'
import { type ChangeInput, writeChange } from '@/lib/audit/changes'
import type { Transaction } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import { type Action, type Actor, can } from './model'
import { parseInput, Refusal } from './refusal'

/** What a command works with: its transaction and the one way to write its change record. */
export interface Work {
  tx: Transaction
  change(input: ChangeInput): Promise<void>
}

/** @throws Refusal `forbidden` */
export function authorise(actor: Actor, action: Action): void {
  if (!can(actor, action)) {
    throw new Refusal(
      'forbidden',
      `Your roles (${actor.roles.join(', ') || 'none'}) do not include ${action}. Ask an owner.`,
    )
  }
}

/**
 * The path of every write: parse → may the actor → one transaction → change record in it.
 * A command that leaves no change record is a fault and is rolled back.
 * @throws Refusal
 */
export async function command<Schema extends z.ZodType, Result>(
  actor: Actor,
  action: Action,
  schema: Schema,
  input: unknown,
  run: (work: Work, input: z.output<Schema>) => Promise<Result>,
): Promise<Result> {
  authorise(actor, action)
  const parsed = parseInput(schema, input)
  return database().prisma.$transaction(
    async tx => {
      let changes = 0
      const change = async (entry: ChangeInput) => {
        changes += 1
        await writeChange(tx, actor, entry)
      }
      const result = await run({ tx, change }, parsed)
      if (changes === 0) throw new Error('a command ended without a change record')
      return result
    },
    { timeout: 15_000 },
  )
}
