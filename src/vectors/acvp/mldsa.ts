/** ACVP for ML-DSA (FIPS 204): key generation, signing and verifying, by the external and the internal interface. */
import { EMPTY } from '../../bytes.js'
import { mldsaKeyPair, mldsaSign, mldsaVerify } from '../../crypto/noble/mldsa.js'
import type { Feature } from '../../crypto/node/features.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { MldsaAlgorithm } from '../../crypto/signatureKeys.js'
import type { Fields } from '../check/fields.js'
import { expectHex, expectThat, refuses, skip } from '../check/outcome.js'
import { mldsaAlgorithm, signInternally, verifyInternally } from '../primitives/mldsa.js'
import { acvpFormat } from './document.js'

export const acvpMldsaKeyGen = acvpFormat({
  algorithm: 'ML-DSA',
  mode: 'keyGen',
  answers: ['pk', 'sk'],
  questions: ['seed'],
  native: (fields) => `sign ${algorithmOf(fields)}`,
  check(fields, provider) {
    const algorithm = algorithmOf(fields)
    const seed = fields.octets('seed')
    expectHex('pk', provider.signingKey({ algorithm, seed }).publicKey, fields.text('pk'))
    // Expanded, which no provider hands out: that of noble.
    expectHex('sk', mldsaKeyPair(algorithm, seed).secretKey, fields.text('sk'))
  },
})

export const acvpMldsaSigGen = acvpFormat({
  algorithm: 'ML-DSA',
  mode: 'sigGen',
  answers: ['signature'],
  questions: ['sk'],
  // Expanded keys are signed with by noble on every Node.
  native: () => null,
  check(fields, provider) {
    refusePrehash(fields)
    expectHex('signature', sign(fields, provider), fields.text('signature'))
    const pk = fields.optionalOctets('pk')
    if (pk !== undefined) expectThat(verify(fields, provider, pk), 'the signature does not verify under pk')
  },
})

export const acvpMldsaSigVer = acvpFormat({
  algorithm: 'ML-DSA',
  mode: 'sigVer',
  answers: ['testPassed'],
  questions: ['pk', 'signature'],
  native: nativeVerify,
  check(fields, provider) {
    refusePrehash(fields)
    const wanted = fields.flag('testPassed')
    const verified = verify(fields, provider, fields.octets('pk'))
    const reason = fields.optionalText('reason')
    const why = reason === undefined ? '' : ` (${reason})`
    expectThat(verified === wanted, `the signature is ${verified ? 'accepted' : 'refused'}, which it must not be${why}`)
  },
})

function algorithmOf(fields: Fields): MldsaAlgorithm {
  return mldsaAlgorithm(fields.text('parameterSet'))
}

function nativeVerify(fields: Fields): Feature | null {
  return isInternal(fields) || contextOf(fields).length > 0 ? null : `verify ${algorithmOf(fields)}`
}

function isInternal(fields: Fields): boolean {
  return fields.optionalText('signatureInterface') === 'internal'
}

/** TLS and X.509 leave it empty, so that no provider takes another; the function under noble does. */
function contextOf(fields: Fields): Uint8Array {
  return fields.optionalOctets('context') ?? EMPTY
}

function refusePrehash(fields: Fields): void {
  const kind = fields.optionalText('preHash')
  if (kind === 'preHash') skip('HashML-DSA, which neither TLS nor X.509 uses (RFC 9881 2)')
}

/** μ, where the group says that it is given in place of the message. */
function representative(fields: Fields): Uint8Array | null {
  return fields.has('externalMu') && fields.flag('externalMu') ? fields.octets('mu') : null
}

function sign(fields: Fields, provider: CryptoProvider): Uint8Array {
  const algorithm = algorithmOf(fields)
  const sk = fields.octets('sk')
  const rnd = fields.optionalOctets('rnd')
  if (isInternal(fields)) {
    const mu = representative(fields)
    return signInternally(algorithm, sk, mu ?? fields.octets('message'), mu !== null, rnd)
  }
  const message = fields.octets('message')
  const context = contextOf(fields)
  if (rnd !== undefined || context.length > 0) return mldsaSign(algorithm, sk, message, rnd ?? 'none', context)
  return provider.signingKey({ algorithm, expandedKey: sk }).sign(algorithm, message, { deterministic: true })
}

function verify(fields: Fields, provider: CryptoProvider, pk: Uint8Array): boolean {
  const algorithm = algorithmOf(fields)
  const signature = fields.octets('signature')
  if (isInternal(fields)) {
    const mu = representative(fields)
    return verifyInternally(algorithm, pk, mu ?? fields.octets('message'), signature, mu !== null)
  }
  const message = fields.octets('message')
  const context = contextOf(fields)
  if (context.length > 0) return mldsaVerify(algorithm, pk, message, signature, context)
  if (refuses(() => provider.verifyingKey(algorithm, pk), 'ERR_BAD_CERTIFICATE')) return false
  return provider.verifyingKey(algorithm, pk).verify(algorithm, message, signature)
}
