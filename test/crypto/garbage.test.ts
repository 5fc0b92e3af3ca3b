/** Whatever a peer sends, a provider answers with a value or a TrefoilError. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AeadAlgorithm,
  CIPHER_SUITES,
  type KeyAlgorithm,
  NAMED_GROUPS,
  type NamedGroupName,
  nodeProvider,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
} from '../../src/crypto/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal } from '../support/refusal.js'

const GROUPS = Object.keys(NAMED_GROUPS) as NamedGroupName[]
const SCHEMES = Object.keys(SIGNATURE_SCHEMES) as SignatureSchemeName[]
const AEADS: AeadAlgorithm[] = Object.values(CIPHER_SUITES).map((suite) => suite.aead)
const ALGORITHMS: KeyAlgorithm[] = [...new Set(SCHEMES.map((scheme) => SIGNATURE_SCHEMES[scheme].key))]

const RUNS = { numRuns: 60 }
const sized = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
/** Octets of the right length more often than not, since others are refused before anything is done with them. */
const around = (length: number) =>
  fc.oneof({ weight: 3, arbitrary: sized(length) }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2 * length }) })

describe.each(PROVIDERS)('garbage given to $name', (provider) => {
  it.each(GROUPS)('%s: a server is not thrown off by a client share', (group) => {
    fc.assert(
      fc.property(around(NAMED_GROUPS[group].clientShareLength), (share) => {
        expect([null, 'ERR_BAD_KEY_SHARE']).toContain(refusal(() => provider.respondToKeyShare(group, share)))
      }),
      RUNS,
    )
  })

  it.each(GROUPS)('%s: a client is not thrown off by a server share', (group) => {
    const seed = new Uint8Array(NAMED_GROUPS[group].clientSeedLength).fill(0x17)
    fc.assert(
      fc.property(around(NAMED_GROUPS[group].serverShareLength), (share) => {
        const step = () => provider.generateKeyShare(group, seed).agree(share)
        expect([null, 'ERR_BAD_KEY_SHARE']).toContain(refusal(step))
      }),
      RUNS,
    )
  })

  it.each(AEADS)('%s opens nothing that was not sealed', (algorithm) => {
    const aead = provider.aead(algorithm, new Uint8Array(algorithm === 'AES-128-GCM' ? 16 : 32).fill(0x23))
    fc.assert(
      fc.property(around(12), fc.uint8Array(), fc.uint8Array({ maxLength: 64 }), (nonce, aad, sealed) => {
        expect(aead.open(nonce, aad, sealed)).toBeNull()
      }),
      RUNS,
    )
  })

  const algorithms = ALGORITHMS.filter((algorithm) => !algorithm.startsWith('rsa') || provider === nodeProvider)
  it.each(algorithms)(
    '%s: octets in place of a public key are refused, or a key whose answers are yes and no',
    (algorithm) => {
      fc.assert(
        fc.property(
          around(publicKeyLength(algorithm)),
          around(64),
          fc.uint8Array(),
          (publicKey, signature, message) => {
            const code = refusal(() => {
              const key = provider.verifyingKey(algorithm, publicKey)
              for (const scheme of SCHEMES) expect(typeof key.verify(scheme, message, signature)).toBe('boolean')
            })
            expect([null, 'ERR_BAD_CERTIFICATE']).toContain(code)
          },
        ),
        RUNS,
      )
    },
  )

  const signing = algorithms.filter((algorithm) => !algorithm.startsWith('rsa')) as Exclude<
    KeyAlgorithm,
    'rsa' | 'rsa-pss'
  >[]
  it.each(signing)('%s: no garbage verifies under a good key', (algorithm) => {
    const key = provider.signingKey(provider.generateSigningKey(algorithm))
    const verifying = provider.verifyingKey(algorithm, key.publicKey)
    const scheme = SCHEMES.find((name) => SIGNATURE_SCHEMES[name].key === algorithm) as SignatureSchemeName
    const { length } = key.sign(scheme, new Uint8Array(1))
    fc.assert(
      fc.property(around(length), fc.uint8Array(), (signature, message) => {
        expect(verifying.verify(scheme, message, signature)).toBe(false)
      }),
      RUNS,
    )
  })
})

function publicKeyLength(algorithm: KeyAlgorithm): number {
  const lengths: Record<KeyAlgorithm, number> = {
    mldsa44: 1312,
    mldsa65: 1952,
    mldsa87: 2592,
    'ecdsa-p256': 65,
    'ecdsa-p384': 97,
    ed25519: 32,
    rsa: 270,
    'rsa-pss': 270,
  }
  return lengths[algorithm]
}
