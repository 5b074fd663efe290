import type { ToolDefinition } from '@/lib/policy'

/**
 * A first text for a server: every tool is named, what only reads is open within a limit, all else is refused until
 * somebody decides.
 */
export function startingText(title: string, tools: readonly ToolDefinition[]): string {
  const head = [
    'version: "1"',
    `description: ${JSON.stringify(title)}`,
    'default: deny',
    tools.length > 0 ? 'tools:' : 'tools: {}',
  ]
  return `${[...head, ...tools.flatMap(entryOf)].join('\n')}\n`
}

function entryOf({ name, category }: ToolDefinition): string[] {
  // Rules have names of their own: a limit's counter is named by its rule, and records cite it.
  const rule =
    category === 'Read'
      ? [
          `name: ${JSON.stringify(`${name} reads`)}`,
          'action: allow',
          'rate_limit: { max: 60, window: minute, per: identity }',
          'validate: { required_args: true }',
        ]
      : [
          `name: ${JSON.stringify(`${name} waits for a decision`)}`,
          'action: deny',
          'reason: Nobody has decided on this tool yet.',
        ]
  return [`  ${keyOf(name)}:`, '    rules:', ...rule.map((line, i) => `${i === 0 ? '      - ' : '        '}${line}`)]
}

function keyOf(name: string): string {
  const isPlain = /^[A-Za-z_][\w-]*$/.test(name) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name)
  return isPlain ? name : JSON.stringify(name)
}
