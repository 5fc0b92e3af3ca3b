/** Wycheproof for what protects records and derives keys: AEADs, HMAC and HKDF. */
import { concat, EMPTY, equalBytes } from '../../bytes.js'
import { AEAD_KEY_LENGTHS, NONCE_LENGTH, TAG_LENGTH } from '../../crypto/aeadSizes.js'
import type { Aead, AeadAlgorithm, CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { expand, hkdfExtract } from '../../tls/hkdf.js'
import { expectHex, expectThat, skip, throws } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'
import { checkAead, staysShut } from '../primitives/aead.js'
import { expectAnswer, type WycheproofTest, wycheproofFormat } from './document.js'

const aead = wycheproofFormat({
  what: 'AEAD',
  type: 'AeadTest',
  algorithm: /^(?:AES-GCM|CHACHA20-POLY1305)$/,
  check(test, provider) {
    const { fields, result } = test
    const [key, nonce, tag] = [fields.octets('key'), fields.octets('iv'), fields.optionalOctets('tag') ?? EMPTY]
    const algorithm = aeadAlgorithm(test, key, provider)
    if (result === 'valid' && nonce.length !== NONCE_LENGTH) {
      expectThat(isRefusedNonce(provider.aead(algorithm, key), nonce), 'a nonce is taken that no record has')
      skip('nonces of other than the 12 octets of TLS, which are refused')
    }
    if (result === 'valid' && tag.length !== TAG_LENGTH) skip('tags of other than the 16 octets of TLS')
    const [aad, message] = [fields.optionalOctets('aad') ?? EMPTY, fields.octets('msg')]
    const whole = { key, nonce, aad, message, sealed: concat(fields.octets('ct'), tag) }
    if (result === 'valid') checkAead(provider, algorithm, whole)
    else if (result === 'invalid') expectThat(staysShut(provider, algorithm, whole), 'opened, which it must not')
    else skip('acceptable means that it may open or not')
  },
})

const hmac = wycheproofFormat({
  what: 'HMAC',
  type: 'MacTest',
  algorithm: /^HMAC/,
  check({ fields, algorithm, result }, provider) {
    const hash = hashOf(algorithm)
    const tag = fields.octets('tag')
    const mac = provider.hmacKey(hash, fields.octets('key')).mac(fields.octets('msg'))
    // A tag may be cut short.
    const cut = mac.subarray(0, Math.min(tag.length, mac.length))
    if (result === 'invalid') expectThat(!equalBytes(cut, tag), 'the tag fits, which it must not')
    else expectHex('tag', cut, fields.text('tag'))
  },
})

const hkdf = wycheproofFormat({
  what: 'HKDF',
  type: 'HkdfTest',
  algorithm: /^HKDF/,
  check(test, provider) {
    const { fields } = test
    const hash = hashOf(test.algorithm)
    const key = hkdfExtract(provider, hash, fields.octets('salt'), fields.octets('ikm'))
    // RFC 5869 2.3: more than 255 blocks cannot be asked for.
    expectAnswer(test, isRangeError, () => {
      const okm = expand(provider.hmacKey(hash, key), hash, fields.octets('info'), fields.number('size'))
      if (test.result !== 'invalid') expectHex('okm', okm, fields.text('okm'))
    })
  },
})

export const wycheproofSymmetricFormats: readonly VectorFormat[] = [aead, hmac, hkdf]

function aeadAlgorithm({ algorithm }: WycheproofTest, key: Uint8Array, provider: CryptoProvider): AeadAlgorithm {
  const names: readonly AeadAlgorithm[] =
    algorithm === 'AES-GCM' ? ['AES-128-GCM', 'AES-256-GCM'] : ['CHACHA20-POLY1305']
  const fitting = names.find((name) => AEAD_KEY_LENGTHS[name] === key.length)
  if (fitting !== undefined) return fitting
  for (const name of names) {
    expectThat(
      throws(() => provider.aead(name, key), isRangeError),
      `${name} takes a key of ${key.length} octets`,
    )
  }
  return skip(
    `${algorithm} with keys of ${8 * key.length} bits, which are refused: no cipher suite of TLS 1.3 has them`,
  )
}

function isRefusedNonce(aead: Aead, nonce: Uint8Array): boolean {
  const sealing = () => aead.seal(nonce, EMPTY, EMPTY, EMPTY, new Uint8Array(TAG_LENGTH))
  return aead.open(nonce, EMPTY, new Uint8Array(2 * TAG_LENGTH)) === null && throws(sealing, isRangeError)
}

/** "HMACSHA256", "HKDF-SHA-384". */
function hashOf(algorithm: string): HashAlgorithm {
  if (/SHA-?256$/.test(algorithm)) return 'SHA-256'
  if (/SHA-?384$/.test(algorithm)) return 'SHA-384'
  return skip(`${algorithm}, whose hash no cipher suite of TLS 1.3 has`)
}

function isRangeError(thrown: unknown): boolean {
  return thrown instanceof RangeError
}
