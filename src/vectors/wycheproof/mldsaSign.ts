/** Wycheproof for signing with ML-DSA (FIPS 204), by keys that are seeds and by expanded ones. */
import { EMPTY } from '../../bytes.js'
import { mldsaKeyPair, mldsaSign } from '../../crypto/noble/mldsa.js'
import type { Feature } from '../../crypto/node/features.js'
import type { CryptoProvider, PrivateKeyMaterial, SigningKey } from '../../crypto/provider.js'
import type { MldsaAlgorithm } from '../../crypto/signatureKeys.js'
import { parsePrivateKey, writePem } from '../../pki/index.js'
import { expectHex, expectOctets, expectThat, refuses, throws } from '../check/outcome.js'
import { messageRepresentative, mldsaAlgorithm, signInternally } from '../primitives/mldsa.js'
import { type WycheproofTest, wycheproofFormat } from './document.js'

export const wycheproofMldsaSign = wycheproofFormat({
  what: 'ML-DSA signing',
  type: 'MlDsaSign',
  algorithm: /^ML-DSA/,
  native: nativeSign,
  check(test, provider) {
    if (test.result === 'valid') checkSignature(test, provider)
    else expectThat(isRefused(test, provider), 'signed, which it must not be')
  },
})

function checkSignature(test: WycheproofTest, provider: CryptoProvider): void {
  const { fields } = test
  const key = provider.signingKey(materialOf(test))
  if (fields.has('publicKey')) expectHex('the public key', key.publicKey, fields.text('publicKey'))
  checkPkcs8(test)
  expectHex('sig', sign(test, key), fields.text('sig'))
  const [msg, mu] = [fields.optionalOctets('msg'), fields.optionalOctets('mu')]
  if (msg === undefined || mu === undefined) return
  expectOctets('mu', messageRepresentative(key.publicKey, msg, contextOf(test)), mu)
}

/** A seed may stand there once more as PKCS#8. */
function checkPkcs8(test: WycheproofTest): void {
  const der = test.fields.optionalOctets('privateKeyPkcs8') ?? EMPTY
  if (der.length === 0) return
  const parsed = parsePrivateKey(writePem('PRIVATE KEY', der))
  const material = materialOf(test)
  if ('seed' in parsed && 'seed' in material) expectOctets('the seed in privateKeyPkcs8', parsed.seed, material.seed)
  expectThat(parsed.algorithm === material.algorithm, 'privateKeyPkcs8 holds a key of another kind')
}

/** TLS and X.509 sign a message with the empty context; another one, a chosen rnd, and μ alone are for noble. */
function sign(test: WycheproofTest, key: SigningKey): Uint8Array {
  const { fields } = test
  const algorithm = algorithmOf(test)
  const rnd = fields.optionalOctets('rnd')
  if (!fields.has('msg')) return signInternally(algorithm, expandedKey(test), fields.octets('mu'), true, rnd)
  const message = fields.octets('msg')
  if (!isPlain(test)) return mldsaSign(algorithm, expandedKey(test), message, rnd ?? 'none', contextOf(test))
  return key.sign(algorithm, message, { deterministic: true })
}

/** Invalid are keys, which are refused when they are read, and contexts of more than 255 octets. */
function isRefused(test: WycheproofTest, provider: CryptoProvider): boolean {
  if (refuses(() => provider.signingKey(materialOf(test)), 'ERR_INVALID_KEY')) return true
  if (isPlain(test)) return false
  return throws(() =>
    mldsaSign(algorithmOf(test), expandedKey(test), test.fields.octets('msg'), 'none', contextOf(test)),
  )
}

function nativeSign(test: WycheproofTest): Feature | null {
  return isPlain(test) && test.fields.has('privateSeed') ? `sign ${algorithmOf(test)}` : null
}

function isPlain(test: WycheproofTest): boolean {
  return test.fields.has('msg') && !test.fields.has('rnd') && contextOf(test).length === 0
}

function algorithmOf({ algorithm }: WycheproofTest): MldsaAlgorithm {
  return mldsaAlgorithm(algorithm)
}

function contextOf({ fields }: WycheproofTest): Uint8Array {
  return fields.optionalOctets('ctx') ?? EMPTY
}

function materialOf(test: WycheproofTest): PrivateKeyMaterial & { readonly algorithm: MldsaAlgorithm } {
  const algorithm = algorithmOf(test)
  const { fields } = test
  if (fields.has('privateSeed')) return { algorithm, seed: fields.octets('privateSeed') }
  return { algorithm, expandedKey: fields.octets('privateKey') }
}

function expandedKey(test: WycheproofTest): Uint8Array {
  const material = materialOf(test)
  return 'seed' in material ? mldsaKeyPair(material.algorithm, material.seed).secretKey : material.expandedKey
}
