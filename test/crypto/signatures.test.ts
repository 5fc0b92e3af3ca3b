import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes.js'
import {
  type KeyAlgorithm,
  nobleProvider,
  nodeProvider,
  type PrivateKeyMaterial,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
} from '../../src/crypto/index.js'
import { ALL_PROVIDERS, PROVIDER_PAIRS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { hex } from '../support/vectors.js'

type FixedAlgorithm = Exclude<KeyAlgorithm, 'rsa' | 'rsa-pss'>

const SCHEMES = {
  mldsa44: 'mldsa44',
  mldsa65: 'mldsa65',
  mldsa87: 'mldsa87',
  'ecdsa-p256': 'ecdsa_secp256r1_sha256',
  'ecdsa-p384': 'ecdsa_secp384r1_sha384',
  ed25519: 'ed25519',
} as const satisfies Record<FixedAlgorithm, SignatureSchemeName>
const ALGORITHMS = Object.keys(SCHEMES) as FixedAlgorithm[]
const MESSAGE = utf8('the transcript up to here')

describe.each(PROVIDER_PAIRS)('signed by $0.name, verified by $1.name', (signer, verifier) => {
  it.each(ALGORITHMS)('%s', (algorithm) => {
    const material = signer.generateSigningKey(algorithm)
    const key = signer.signingKey(material)
    const scheme = SCHEMES[algorithm]
    const signature = key.sign(scheme, MESSAGE)
    const verifying = verifier.verifyingKey(algorithm, key.publicKey)
    expect(verifying.verify(scheme, MESSAGE, signature)).toBe(true)
    expect(verifying.verify(scheme, utf8('another transcript'), signature)).toBe(false)
    expect(verifier.signingKey(material).publicKey).toEqual(key.publicKey)
  })
})

describe.each(ALL_PROVIDERS)('signature keys by $name', (provider) => {
  it.each(ALGORITHMS)('%s: altered, cut, lengthened and empty signatures are false, not errors', (algorithm) => {
    const key = provider.signingKey(provider.generateSigningKey(algorithm))
    const scheme = SCHEMES[algorithm]
    const signature = key.sign(scheme, MESSAGE)
    const verifying = provider.verifyingKey(algorithm, key.publicKey)
    const last = signature.length - 1
    const altered = signature.slice()
    altered[last] = (altered[last] as number) ^ 1
    const bad = [altered, signature.subarray(0, last), Uint8Array.of(...signature, 0), new Uint8Array(0)]
    for (const wrong of bad) expect(verifying.verify(scheme, MESSAGE, wrong)).toBe(false)
    expect(verifying.verify(scheme, MESSAGE, new Uint8Array(signature.length))).toBe(false)
  })

  it.each(ALGORITHMS)('%s: a scheme of another key verifies nothing and signs nothing', (algorithm) => {
    const key = provider.signingKey(provider.generateSigningKey(algorithm))
    const signature = key.sign(SCHEMES[algorithm], MESSAGE)
    const verifying = provider.verifyingKey(algorithm, key.publicKey)
    const others = (Object.keys(SIGNATURE_SCHEMES) as SignatureSchemeName[]).filter((s) => s !== SCHEMES[algorithm])
    for (const scheme of others) {
      expect(verifying.verify(scheme, MESSAGE, signature)).toBe(false)
      expect(refusal(() => key.sign(scheme, MESSAGE))).toBe('ERR_SIGNER')
    }
  })

  it.each(ALGORITHMS)('%s: keys of a wrong size are refused', (algorithm) => {
    const { publicKey } = provider.signingKey(provider.generateSigningKey(algorithm))
    for (const wrong of [publicKey.subarray(1), Uint8Array.of(...publicKey, 0), new Uint8Array(0)]) {
      expect(refusal(() => provider.verifyingKey(algorithm, wrong))).toBe('ERR_BAD_CERTIFICATE')
    }
    for (const size of [0, 31, 33, 47, 49]) {
      expect(refusal(() => provider.signingKey(material(algorithm, new Uint8Array(size).fill(1))))).toBe(
        'ERR_INVALID_KEY',
      )
    }
  })

  it.each(ALGORITHMS)('%s: a wiped key signs no more, and the material given stays untouched', (algorithm) => {
    const given = provider.generateSigningKey(algorithm)
    const copy = structuredClone(given)
    const key = provider.signingKey(given)
    key.wipe()
    expect(refusal(() => key.sign(SCHEMES[algorithm], MESSAGE))).toBe('ERR_SIGNER')
    expect(given).toEqual(copy)
  })

  it.each(['mldsa44', 'mldsa65', 'mldsa87'] as const)('%s is hedged unless it is asked not to be', (algorithm) => {
    const key = provider.signingKey({ algorithm, seed: new Uint8Array(32).fill(8) })
    const deterministic = key.sign(algorithm, MESSAGE, { deterministic: true })
    expect(key.sign(algorithm, MESSAGE, { deterministic: true })).toEqual(deterministic)
    expect(
      nobleProvider
        .signingKey({ algorithm, seed: new Uint8Array(32).fill(8) })
        .sign(algorithm, MESSAGE, { deterministic: true }),
    ).toEqual(deterministic)
    expect(key.sign(algorithm, MESSAGE)).not.toEqual(key.sign(algorithm, MESSAGE))
  })

  it.each(['ecdsa-p256', 'ecdsa-p384'] as const)('%s: points off the curve and scalars out of range', (algorithm) => {
    const { publicKey } = provider.signingKey(provider.generateSigningKey(algorithm))
    const offCurve = publicKey.slice()
    offCurve[5] = (offCurve[5] as number) ^ 1
    const otherForm = publicKey.slice()
    otherForm[0] = 6 + ((publicKey.at(-1) as number) & 1)
    const origin = new Uint8Array(publicKey.length)
    origin[0] = 4
    for (const point of [offCurve, otherForm, origin]) {
      expect(refusal(() => provider.verifyingKey(algorithm, point))).toBe('ERR_BAD_CERTIFICATE')
    }
    const size = (publicKey.length - 1) / 2
    for (const scalar of [new Uint8Array(size), new Uint8Array(size).fill(0xff)]) {
      expect(refusal(() => provider.signingKey({ algorithm, scalar }))).toBe('ERR_INVALID_KEY')
    }
  })
})

describe('RSA', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pkcs1 = new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs1' }))
  const publicKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'pkcs1' }))

  it.each(['rsa', 'rsa-pss'] as const)('%s keys sign and verify their schemes and no other', (algorithm) => {
    const key = nodeProvider.signingKey({ algorithm, pkcs1 })
    expect(key.publicKey).toEqual(publicKey)
    const verifying = nodeProvider.verifyingKey(algorithm, publicKey)
    const all = Object.keys(SIGNATURE_SCHEMES) as SignatureSchemeName[]
    const own = all.filter((scheme) => SIGNATURE_SCHEMES[scheme].key === algorithm)
    expect(own).toHaveLength(algorithm === 'rsa' ? 6 : 3)
    for (const scheme of own) {
      const signature = key.sign(scheme, MESSAGE)
      const accepting = all.filter((other) => verifying.verify(other, MESSAGE, signature))
      expect(accepting).toEqual([scheme])
      signature[20] = (signature[20] as number) ^ 1
      expect(verifying.verify(scheme, MESSAGE, signature)).toBe(false)
      expect(verifying.verify(scheme, MESSAGE, signature.subarray(1))).toBe(false)
    }
  })

  it('what is no RSA key, or one of a size that nobody should use, is refused', () => {
    expect(refusal(() => nodeProvider.verifyingKey('rsa', publicKey.subarray(1)))).toBe('ERR_BAD_CERTIFICATE')
    expect(refusal(() => nodeProvider.verifyingKey('rsa', new Uint8Array(0)))).toBe('ERR_BAD_CERTIFICATE')
    expect(refusal(() => nodeProvider.signingKey({ algorithm: 'rsa', pkcs1: publicKey }))).toBe('ERR_INVALID_KEY')
    // RSAPublicKey of 512 and of 8200 bits: modulus 2^n - 1 and exponent 65537, in DER.
    const short = hex(`30480241${'00'}${'ff'.repeat(64)}0203010001`)
    const long = hex(`3082040a02820402${'00'}${'ff'.repeat(1025)}0203010001`)
    for (const key of [short, long]) {
      expect(refusal(() => nodeProvider.verifyingKey('rsa', key))).toBe('ERR_BAD_CERTIFICATE')
    }
  })

  it('is not among what the portable provider does', () => {
    expect(nobleProvider.supportsSignatureScheme('rsa_pss_rsae_sha256')).toBe(false)
    expect(nobleProvider.supportsSignatureScheme('ecdsa_secp256r1_sha256')).toBe(true)
    expect(nodeProvider.supportsSignatureScheme('rsa_pss_rsae_sha256')).toBe(true)
    expect(refusal(() => nobleProvider.verifyingKey('rsa', publicKey))).toBe('ERR_UNSUPPORTED_ALGORITHM')
    expect(refusal(() => nobleProvider.signingKey({ algorithm: 'rsa-pss', pkcs1 }))).toBe('ERR_UNSUPPORTED_ALGORITHM')
  })
})

function material(algorithm: FixedAlgorithm, secret: Uint8Array): PrivateKeyMaterial {
  return algorithm === 'ecdsa-p256' || algorithm === 'ecdsa-p384'
    ? { algorithm, scalar: secret }
    : { algorithm, seed: secret }
}
