import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import { readExpandedLabel } from '../../../src/rndl/graph/hkdfLabel.js'
import { instrument } from '../../../src/rndl/trace/instrument.js'
import type { TraceStep } from '../../../src/rndl/trace/trace.js'
import { hkdfExpandLabel, hkdfExtract } from '../../../src/tls/hkdf.js'

function macs(compute: (crypto: ReturnType<typeof instrument>) => void) {
  const trace: TraceStep[] = []
  compute(instrument(nodeProvider, { random: nodeProvider.randomBytes, record: (step) => trace.push(step) }))
  return trace.filter((step) => step.kind === 'mac')
}

describe('HKDF-Expand-Label in a trace', () => {
  it('is recognised in each block, with its label, context and the block before', () => {
    const labels = fc.stringMatching(/^[a-z ]{1,12}$/)
    fc.assert(
      fc.property(
        labels,
        fc.uint8Array({ maxLength: 64 }),
        fc.integer({ min: 1, max: 120 }),
        (label, context, length) => {
          for (const hash of ['SHA-256', 'SHA-384'] as const) {
            const blocks = macs((crypto) => hkdfExpandLabel(crypto, hash, context, label, context, length))
            for (const [i, { data }] of blocks.entries()) {
              const previous = blocks[i - 1]?.output ?? ''
              expect(readExpandedLabel(data, hash)).toEqual({ label, context: toHex(context), previous })
            }
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('is not taken for an extract or the MAC of a hash, whatever they are over', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        const [extract] = macs((crypto) => hkdfExtract(crypto, 'SHA-256', new Uint8Array(0), data))
        expect(readExpandedLabel(extract?.data ?? '', 'SHA-256')).toBeNull()
      }),
    )
  })
})
