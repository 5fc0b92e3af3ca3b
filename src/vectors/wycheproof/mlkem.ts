/** Wycheproof for ML-KEM (FIPS 203). */
import type { CryptoProvider } from '../../crypto/provider.js'
import { type ErrorCode, TrefoilError } from '../../errors.js'
import { expectHex, throws } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'
import { isParameterSet, mlkemOf } from '../primitives/mlkem.js'
import { nobleMlkemOf } from '../primitives/nobleMlkem.js'
import { expectAnswer, expectVerdict, type WycheproofTest, wycheproofFormat } from './document.js'

/** From the seed: `ek`, and `K` of a ciphertext that may be altered or of a wrong length. */
const decapsulation = wycheproofFormat({
  what: 'ML-KEM',
  type: 'MLKEMTest',
  native: nativeSet,
  check(test, provider) {
    const { fields } = test
    const [set, seed, c] = [fields.text('parameterSet'), fields.octets('seed'), fields.octets('c')]
    expectAnswer(test, isRefusal(set, 'ERR_BAD_KEY_SHARE', 'ERR_INVALID_OPTION'), () => {
      const pair = isParameterSet(set) ? mlkemOf(provider, set).keyPair(seed) : noblePair(set, seed)
      if (test.result !== 'invalid') expectHex('ek', pair.ek, fields.text('ek'))
      const k = pair.decapsulate(c)
      if (test.result !== 'invalid') expectHex('K', k, fields.text('K'))
    })
  },
})

const encapsulation = wycheproofFormat({
  what: 'ML-KEM encapsulation',
  type: 'MLKEMEncapsTest',
  native: nativeSet,
  check(test, provider) {
    const { fields } = test
    const [set, ek, m] = [fields.text('parameterSet'), fields.octets('ek'), fields.optionalOctets('m')]
    expectAnswer(test, isRefusal(set, 'ERR_BAD_KEY_SHARE'), () => {
      const { c, k } = encapsulate(provider, set, ek, m)
      if (test.result === 'invalid') return
      expectHex('c', c, fields.text('c'))
      expectHex('K', k, fields.text('K'))
    })
    // A peer's key comes without m: the check of FIPS 203 7.2 must not hang on it.
    expectAnswer(test, isRefusal(set, 'ERR_BAD_KEY_SHARE'), () => encapsulate(provider, set, ek))
  },
})

const keyGeneration = wycheproofFormat({
  what: 'ML-KEM key generation',
  type: 'MLKEMKeyGen',
  native: nativeSet,
  check(test, provider) {
    const { fields } = test
    const [set, seed] = [fields.text('parameterSet'), fields.octets('seed')]
    expectAnswer(test, isRefusal(set, 'ERR_BAD_KEY_SHARE', 'ERR_INVALID_OPTION'), () => {
      const ek = isParameterSet(set) ? mlkemOf(provider, set).keyPair(seed).ek : noblePair(set, seed).ek
      if (test.result === 'invalid') return
      expectHex('ek', ek, fields.text('ek'))
      // Expanded, which no provider hands out: that of noble.
      if (fields.has('dk')) expectHex('dk', nobleMlkemOf(set).keygen(seed).secretKey, fields.text('dk'))
    })
  },
})

/** Key shares are made from seeds, so keys in the expanded form are for noble. */
const expandedKeys = wycheproofFormat({
  what: 'ML-KEM decapsulation by an expanded key',
  type: 'MLKEMDecapsValidationTest',
  native: () => null,
  check(test) {
    const { fields } = test
    const set = fields.text('parameterSet')
    const [dk, c] = [fields.octets('dk'), fields.octets('c')]
    const decapsulate = () => nobleMlkemOf(set).decapsulate(c, dk)
    if (test.result === 'valid') {
      expectHex('K', decapsulate(), fields.text('K'))
      if (fields.has('ek')) expectHex('ek within dk', encapsulationKeyIn(set, dk), fields.text('ek'))
    } else expectVerdict(test, !throws(decapsulate))
  },
})

export const wycheproofMlkemFormats: readonly VectorFormat[] = [
  decapsulation,
  encapsulation,
  keyGeneration,
  expandedKeys,
]

function nativeSet({ fields }: WycheproofTest) {
  const set = fields.text('parameterSet')
  return isParameterSet(set) ? set : null
}

/** Whatever noble throws is a refusal; a provider's has a code: that of the share, or of a seed that has a wrong length. */
function isRefusal(set: string, ...codes: readonly ErrorCode[]): (thrown: unknown) => boolean {
  if (!isParameterSet(set)) return () => true
  return (thrown) => thrown instanceof TrefoilError && codes.includes(thrown.code)
}

function encapsulate(provider: CryptoProvider, set: string, ek: Uint8Array, m?: Uint8Array) {
  if (isParameterSet(set)) return mlkemOf(provider, set).encapsulate(ek, m)
  const { cipherText, sharedSecret } = nobleMlkemOf(set).encapsulate(ek, m)
  return { c: cipherText, k: sharedSecret }
}

function noblePair(set: string, seed: Uint8Array) {
  const noble = nobleMlkemOf(set)
  const { publicKey, secretKey } = noble.keygen(seed)
  return { ek: publicKey, decapsulate: (c: Uint8Array) => noble.decapsulate(c, secretKey) }
}

/** dk is dk_PKE ‖ ek ‖ H(ek) ‖ z (FIPS 203 algorithm 16), the last two of 32 octets each. */
function encapsulationKeyIn(set: string, dk: Uint8Array): Uint8Array {
  const length = nobleMlkemOf(set).lengths.publicKey ?? 0
  return dk.subarray(dk.length - 64 - length, dk.length - 64)
}
