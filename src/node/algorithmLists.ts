/** Turns the options `groups`, `ciphers` and `sigalgs` into lists that policy and provider allow. */
import { type CipherSuiteName, DEFAULT_CIPHER_SUITES, isCipherSuite } from '../crypto/cipherSuites.js'
import { CLASSICAL_GROUPS, HYBRID_GROUPS, isNamedGroup, type NamedGroupName } from '../crypto/groups.js'
import type { CryptoProvider } from '../crypto/provider.js'
import {
  CLASSICAL_SCHEMES,
  isSignatureScheme,
  MLDSA_SCHEMES,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
} from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import type { NameList } from './contextOptions.js'
import type { Policy } from './policy.js'

/** @throws TrefoilError ERR_INVALID_OPTION naming what is unknown, unavailable or forbidden by the policy */
export function resolveGroups(list: NameList | undefined, policy: Policy, crypto: CryptoProvider): NamedGroupName[] {
  const defaults = policy.allowClassicalKeyExchange ? [...HYBRID_GROUPS, ...CLASSICAL_GROUPS] : HYBRID_GROUPS
  const groups = resolve(list, defaults, 'group', isNamedGroup, (name) => crypto.supportsGroup(name))
  const classical = groups.find((name) => CLASSICAL_GROUPS.includes(name))
  if (classical !== undefined && !policy.allowClassicalKeyExchange)
    forbid(`group ${classical}`, 'allowClassicalKeyExchange')
  return groups
}

/** @throws TrefoilError ERR_INVALID_OPTION naming what is unknown or unavailable */
export function resolveCipherSuites(list: NameList | undefined, crypto: CryptoProvider): CipherSuiteName[] {
  return resolve(list, DEFAULT_CIPHER_SUITES, 'cipher suite', isCipherSuite, (name) => crypto.supportsCipherSuite(name))
}

export interface SignatureSchemeLists {
  /** For CertificateVerify. */
  readonly handshake: readonly SignatureSchemeName[]
  /** For signatures inside certificates. */
  readonly certificates: readonly SignatureSchemeName[]
}

/**
 * The list for certificates is `inCertificates` where it is given. Else it is what `list` allows in a handshake, and
 * with it PKCS#1 v1.5 and whatever else the policy accepts inside certificates alone.
 * @throws TrefoilError ERR_INVALID_OPTION naming what is unknown, unavailable or forbidden by the policy
 */
export function resolveSignatureSchemes(
  list: NameList | undefined,
  inCertificates: NameList | undefined,
  policy: Policy,
  crypto: CryptoProvider,
): SignatureSchemeLists {
  const { allowClassicalAuthentication, allowClassicalCertificateSignatures } = policy
  const supported = (name: SignatureSchemeName) => crypto.supportsSignatureScheme(name)
  const read = (names: NameList | undefined, defaults: readonly SignatureSchemeName[]) =>
    resolve(names, defaults, 'signature scheme', isSignatureScheme, supported)
  const withClassical = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]
  const named = read(list, allowClassicalAuthentication ? withClassical : MLDSA_SCHEMES)
  // RFC 9846 4.3.3: PKCS#1 v1.5 is for certificates only.
  const handshake = named.filter((name) => SIGNATURE_SCHEMES[name].inHandshake)
  const also = allowClassicalCertificateSignatures && !allowClassicalAuthentication ? CLASSICAL_SCHEMES : []
  const certificates =
    inCertificates === undefined
      ? [...named, ...also.filter((name) => supported(name) && !named.includes(name))]
      : read(inCertificates, [])
  const isClassical = (name: SignatureSchemeName) => SIGNATURE_SCHEMES[name].classical
  const inHandshake = handshake.find(isClassical)
  const inCertificate = certificates.find(isClassical)
  if (inHandshake !== undefined && !allowClassicalAuthentication) {
    forbid(`signature scheme ${inHandshake}`, 'allowClassicalAuthentication')
  }
  if (inCertificate !== undefined && !allowClassicalCertificateSignatures) {
    forbid(`signature scheme ${inCertificate}`, 'allowClassicalCertificateSignatures or allowClassicalAuthentication')
  }
  if (handshake.length === 0) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'no signature scheme of the list may sign a TLS 1.3 handshake')
  }
  return { handshake, certificates }
}

function resolve<T extends string>(
  list: NameList | undefined,
  defaults: readonly T[],
  what: string,
  isKnown: (name: string) => name is T,
  isSupported: (name: T) => boolean,
): T[] {
  if (list === undefined) return defaults.filter(isSupported)
  const names = typeof list === 'string' ? list.split(/[:,]/).map((name) => name.trim()) : list
  const resolved: T[] = []
  for (const name of names) {
    if (typeof name !== 'string' || !isKnown(name)) {
      throw new TrefoilError('ERR_INVALID_OPTION', `unknown ${what} ${JSON.stringify(name)}`)
    }
    if (!isSupported(name)) {
      throw new TrefoilError('ERR_INVALID_OPTION', `the crypto provider does not support ${what} ${name}`)
    }
    if (!resolved.includes(name)) resolved.push(name)
  }
  if (resolved.length === 0) throw new TrefoilError('ERR_INVALID_OPTION', `the ${what} list is empty`)
  return resolved
}

function forbid(what: string, rules: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', `${what} is classical; policy ${rules} must permit it`)
}
