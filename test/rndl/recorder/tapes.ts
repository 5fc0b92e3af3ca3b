/** Arbitrary tapes. */
import fc from 'fast-check'
import type { TapedConnection } from '../../../src/rndl/adversary/index.js'

const aSegment = fc.record({
  from: fc.constantFrom('client' as const, 'server' as const),
  pause: fc.integer({ min: 0, max: 10_000 }),
  octets: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    // Longer than a packet.
    fc.integer({ min: 1400, max: 4500 }).map((length) => Uint8Array.from({ length }, (_, i) => i % 251)),
  ),
})

/** Times grow by quarters, which binary fractions hold exactly. */
export const aTape: fc.Arbitrary<TapedConnection[]> = fc.array(
  fc
    .record(
      {
        name: fc.string(),
        startedAt: fc.integer({ min: 0, max: 2 ** 41 }),
        segments: fc.array(aSegment, { maxLength: 8 }),
      },
      { requiredKeys: ['name', 'segments'] },
    )
    .map(({ segments, ...connection }) => {
      let milliseconds = 0
      return {
        ...connection,
        segments: segments.map(({ from, pause, octets }) => {
          milliseconds += pause / 4
          return { from, milliseconds, octets: new Uint8Array(octets) }
        }),
      }
    }),
  { maxLength: 4 },
)
