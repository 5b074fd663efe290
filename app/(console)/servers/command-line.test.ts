import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinCommand, splitCommand } from './command-line'

describe('a typed command', () => {
  it.each([
    ['npx -y mistral-mcp', ['npx', '-y', 'mistral-mcp']],
    ['  node   server.js  ', ['node', 'server.js']],
    ['"C:/Program Files/node" x', ['C:/Program Files/node', 'x']],
    [`--name 'a b' ""`, ['--name', 'a b', '']],
    ['a\\ b "say \\"no\\""', ['a b', 'say "no"']],
    ['echo $HOME;rm', ['echo', '$HOME;rm']],
    ['', []],
    ['npx "open', null],
  ])('%s', (line, parts) => {
    expect(splitCommand(line)).toEqual(parts)
  })

  it('comes back from what is written', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), parts => {
        expect(splitCommand(joinCommand(parts))).toEqual(parts)
      }),
    )
  })

  it('is written as a shell reads it', () => {
    const parts = ['printf', '%s|', "it's", 'a b', '$HOME', '*', '\\n"']
    expect(execFileSync('sh', ['-c', joinCommand(parts)], { encoding: 'utf8' })).toBe('it\'s|a b|$HOME|*|\\n"|')
  })
})
