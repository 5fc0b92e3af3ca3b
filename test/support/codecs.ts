/** What holds for every decoder of the wire: nothing shorter, nothing longer, and no surprise whatever comes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/errors.js'
import { refusal } from './refusal.js'

export const octets = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
export const u16 = fc.integer({ min: 0, max: 0xffff })
export const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })

/** Extension blocks without duplicates. */
export const extensions = fc.uniqueArray(fc.record({ type: u16, data: octets(0, 40) }), {
  maxLength: 8,
  selector: ({ type }) => type,
})

export interface Codec<T> {
  readonly values: fc.Arbitrary<T>
  /** The body, without a handshake header. */
  readonly encode: (value: T) => Uint8Array
  readonly decode: (body: Uint8Array) => T
  /** Lengths at which a cut body is a whole one by itself. */
  readonly wholeAt?: (body: Uint8Array) => readonly number[]
  /** Longer bodies are legal too. */
  readonly open?: boolean
  /** Codes besides ERR_DECODE with which octets that parse may be refused. */
  readonly refusals?: readonly ErrorCode[]
}

/** The three rules as a suite of tests. */
export function describeCodec<T>(name: string, codec: Codec<T>): void {
  describe(name, () => {
    it('comes back from its octets', () => expectRoundTrip(codec))
    it('is refused with decode_error at every other length', () => expectExactLength(codec))
    it('is read or refused, whatever octets come', () => expectOnlyRefusals(codec))
  })
}

/** Every value comes back from its octets, and equal octets from it. */
function expectRoundTrip<T>({ values, encode, decode }: Codec<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      const body = encode(value)
      const decoded = decode(body)
      expect(plain(decoded)).toEqual(plain(value))
      expect(encode(decoded)).toEqual(body)
    }),
    { numRuns: 100 },
  )
}

/** A body that ends early, or goes on too long, is a decode_error. */
function expectExactLength<T>({ values, encode, decode, wholeAt, open }: Codec<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      const body = encode(value)
      const whole = wholeAt?.(body) ?? []
      for (let length = 0; length < body.length; length++) {
        if (whole.includes(length)) continue
        expect([length, refusal(() => decode(body.subarray(0, length)))]).toEqual([length, 'ERR_DECODE'])
      }
      if (open !== true) expect(refusal(() => decode(Uint8Array.from([...body, 0])))).toBe('ERR_DECODE')
    }),
    { numRuns: 25 },
  )
}

/** Random octets, and bodies with random changes, are read or refused; nothing else is thrown. */
function expectOnlyRefusals<T>({ values, encode, decode, refusals = [] }: Codec<T>): void {
  const known: readonly (ErrorCode | null)[] = [null, 'ERR_DECODE', ...refusals]
  const attempt = (body: Uint8Array) => {
    expect(known).toContain(refusal(() => decode(body)))
  }
  fc.assert(fc.property(octets(0, 200), attempt), { numRuns: 300 })
  fc.assert(
    fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
      const body = encode(value).slice()
      if (body.length > 0) body[at % body.length] = (body[at % body.length] as number) ^ change
      attempt(body)
    }),
    { numRuns: 300 },
  )
}

/** Octet strings as lists, so that a Buffer equals an array of the same octets. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
