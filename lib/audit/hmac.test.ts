import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256 } from './hmac'

test('it is the HMAC that Node makes, for any key of up to a block and any text', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
      (bytes, texts) => {
        const key = Buffer.from(bytes)
        for (const text of texts)
          expect(hmacSha256(key, text)).toBe(createHmac('sha256', key).update(text).digest('hex'))
      },
    ),
  )
})

test('a longer key is refused, since it would be another HMAC', () => {
  expect(() => hmacSha256(randomBytes(65), 'text')).toThrow(/at most 64 bytes/)
})
