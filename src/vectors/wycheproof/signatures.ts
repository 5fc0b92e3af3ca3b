/** Wycheproof for verifying: ML-DSA (FIPS 204), ECDSA and Ed25519, each with the settings of TLS. */
import { EMPTY } from '../../bytes.js'
import { mldsaVerify } from '../../crypto/noble/mldsa.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { KeyAlgorithm, SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import { parsePublicKey } from '../../pki/index.js'
import { Fields, isObject } from '../check/fields.js'
import { expectOctets, refuses, skip, throws } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'
import { mldsaAlgorithm, verifyInternally } from '../primitives/mldsa.js'
import { expectVerdict, type WycheproofTest, wycheproofFormat } from './document.js'

const mldsa = wycheproofFormat({
  what: 'ML-DSA verification',
  type: 'MlDsaVerify',
  algorithm: /^ML-DSA/,
  native: (test) => (isPlain(test) ? `verify ${mldsaAlgorithm(test.algorithm)}` : null),
  check(test, provider) {
    const publicKey = test.fields.octets('publicKey')
    expectVerdict(test, verifiesMldsa(test, provider, publicKey))
    checkPublicKeyDer(test, publicKey)
  },
})

/** Hash and curve of the two schemes that RFC 9846 4.3.3 allows; any s will do, since certificates have both. */
const ECDSA: { readonly [curveAndHash: string]: readonly [KeyAlgorithm, SignatureSchemeName] } = {
  'secp256r1 SHA-256': ['ecdsa-p256', 'ecdsa_secp256r1_sha256'],
  'secp384r1 SHA-384': ['ecdsa-p384', 'ecdsa_secp384r1_sha384'],
}

const ecdsa = wycheproofFormat({
  what: 'ECDSA',
  type: 'EcdsaVerify',
  algorithm: /^ECDSA$/,
  check(test, provider) {
    const key = publicKeyOf(test)
    const kind = `${key.text('curve')} ${test.fields.text('sha')}`
    const [algorithm, scheme] = ECDSA[kind] ?? skip(`ECDSA with ${kind}, which TLS 1.3 does not have`)
    const point = key.octets('uncompressed')
    expectVerdict(test, verifies(test, provider, algorithm, scheme, point))
    checkPublicKeyDer(test, point)
  },
})

const eddsa = wycheproofFormat({
  what: 'EdDSA',
  type: 'EddsaVerify',
  check(test, provider) {
    const key = publicKeyOf(test)
    if (key.text('curve') !== 'edwards25519') skip(`EdDSA over ${key.text('curve')}, which Trefoil does not have`)
    const point = key.octets('pk')
    expectVerdict(test, verifies(test, provider, 'ed25519', 'ed25519', point))
    checkPublicKeyDer(test, point)
  },
})

export const wycheproofSignatureFormats: readonly VectorFormat[] = [mldsa, ecdsa, eddsa]

function isPlain({ fields }: WycheproofTest): boolean {
  return fields.has('msg') && (fields.optionalText('ctx') ?? '') === ''
}

/** TLS and X.509 verify a message with the empty context; another one, and μ alone, are for noble. */
function verifiesMldsa(test: WycheproofTest, provider: CryptoProvider, publicKey: Uint8Array): boolean {
  const { fields } = test
  const algorithm = mldsaAlgorithm(test.algorithm)
  const signature = fields.octets('sig')
  if (isPlain(test)) return verifies(test, provider, algorithm, algorithm, publicKey)
  const byNoble = () => {
    if (!fields.has('msg')) return verifyInternally(algorithm, publicKey, fields.octets('mu'), signature, true)
    return mldsaVerify(algorithm, publicKey, fields.octets('msg'), signature, fields.octets('ctx'))
  }
  // FIPS 204 algorithm 3: with a context of more than 255 octets, or a key of a wrong length, there is nothing to verify.
  return !throws(byNoble) && byNoble()
}

/** A public key of a wrong length is refused when it is read, and no signature verifies under it. */
function verifies(
  { fields }: WycheproofTest,
  provider: CryptoProvider,
  algorithm: KeyAlgorithm,
  scheme: SignatureSchemeName,
  publicKey: Uint8Array,
): boolean {
  if (refuses(() => provider.verifyingKey(algorithm, publicKey), 'ERR_BAD_CERTIFICATE')) return false
  const key = provider.verifyingKey(algorithm, publicKey)
  return key.verify(scheme, fields.octets('msg'), fields.octets('sig'))
}

function publicKeyOf({ fields }: WycheproofTest): Fields {
  // Older files call it `key`.
  const key = fields.get('publicKey') ?? fields.get('key')
  if (!isObject(key)) throw new Error('the field publicKey is missing')
  return new Fields(key)
}

/** The same key as SubjectPublicKeyInfo, where the key is a sound one. */
function checkPublicKeyDer({ fields, result }: WycheproofTest, publicKey: Uint8Array): void {
  const der = fields.optionalOctets('publicKeyDer') ?? EMPTY
  if (der.length === 0 || result !== 'valid') return
  expectOctets('the key in publicKeyDer', parsePublicKey(der).publicKey, publicKey)
}
