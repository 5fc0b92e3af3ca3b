/**
 * RFC 8448 sections 3 to 7 step by step: every Extract and every Expand-Label that the document prints. That the
 * stages chain these in the right order, over the right transcripts, is keySchedule.test.ts's business.
 */
import { describe, expect, it } from 'vitest'
import { fromHex, fromUtf8, toHex } from '../../../src/bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../../src/crypto/index.js'
import { hkdfExpandLabel, hkdfExtract } from '../../../src/tls/index.js'
import { decode } from '../../../src/tls/wire/reader.js'
import { PROVIDERS } from '../../support/providers.js'
import { rfc8448Traces } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

type Fields = { readonly [label: string]: string }

describeVectors('the steps of RFC 8448', () => {
  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(rfc8448Traces())('give what is printed: $id', ({ steps = [], values }) => {
      expect(steps.length).toBeGreaterThan(40)
      for (const { role, action, fields = {} } of steps) {
        for (const label of Object.keys(fields)) {
          const computed = compute(provider, values.hash, label, fields)
          if (computed !== null) expect(toHex(computed), `${role}: ${action}`).toBe(fields[label])
        }
      }
    })
  })
})

/** The output that stands under `label`, from the inputs beside it; null when that label is no output. */
function compute(crypto: CryptoProvider, hash: HashAlgorithm, label: string, fields: Fields): Uint8Array | null {
  switch (label) {
    case 'secret':
      return hkdfExtract(crypto, hash, input(fields, 'salt'), input(fields, 'IKM'))
    case 'expanded':
    case 'key expanded':
    case 'iv expanded': {
      const info = readHkdfLabel(input(fields, label.replace('expanded', 'info')))
      return hkdfExpandLabel(crypto, hash, input(fields, 'PRK'), info.label, info.context, info.length)
    }
    default:
      return null
  }
}

function input(fields: Fields, label: string): Uint8Array {
  const octets = fields[label]
  if (octets === undefined) throw new Error(`the step prints no ${label}`)
  return fromHex(octets)
}

/** struct HkdfLabel, read back so that our own construction of it is what gets tested. */
function readHkdfLabel(info: Uint8Array): { length: number; label: string; context: Uint8Array } {
  return decode(info, 'HkdfLabel', (reader) => ({
    length: reader.u16(),
    label: fromUtf8(reader.opaque(1)).replace(/^tls13 /, ''),
    context: reader.opaque(1),
  }))
}
