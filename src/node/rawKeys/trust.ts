/** Whose raw public key a key is: by pins, or by the endorsements of introducers. */
import { toHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { SIGNATURE_SCHEMES } from '../../crypto/signatureSchemes.js'
import { TrefoilError } from '../../errors.js'
import { canonicalName, keyFingerprint, keyId, type PublicKeyInfo } from '../../pki/index.js'
import type { Policy } from '../policy.js'
import { type PublicKeyInput, readKeyId } from './publicKeys.js'
import { readWebOfTrust, type WebOfTrust } from './webOfTrust.js'

/**
 * A key that is good for one name: the server's, as asked for, or the client's, as the server is to know it. The key by
 * itself is good for whatever server these options are used with, and for a client without a name.
 */
export type PinnedKey = PublicKeyInput | { readonly name: string; readonly key: PublicKeyInput }

export interface RawKeyTrustOptions {
  /** SubjectPublicKeyInfo in PEM or DER, KeyObjects, or fingerprints; each may be bound to a name. */
  readonly pinnedKeys?: readonly PinnedKey[] | undefined
  /** In place of `pinnedKeys`: a key is accepted when enough introducers endorse it. */
  readonly trust?: WebOfTrust | undefined
}

export interface RawKeyQuestion {
  readonly peer: 'client' | 'server'
  /** The server that was asked for; null on a server, or where the client asks for none. */
  readonly name: string | null
  /** Milliseconds since the epoch. */
  readonly time: number
}

export interface RawKeyTrust {
  /**
   * The names that the key is good for: the one asked for, or all those of a client (none, if it is pinned without).
   * @throws TrefoilError ERR_UNTRUSTED_KEY
   */
  identify(key: PublicKeyInfo, question: RawKeyQuestion): readonly string[]
}

/** Null when nothing is said of raw keys. @throws TrefoilError ERR_INVALID_OPTION */
export function readRawKeyTrust(
  options: RawKeyTrustOptions,
  policy: Policy,
  crypto: CryptoProvider,
): RawKeyTrust | null {
  const { pinnedKeys, trust } = options
  if (pinnedKeys === undefined) return trust === undefined ? null : readWebOfTrust(trust, crypto)
  if (trust !== undefined) invalid('pinnedKeys and trust exclude each other')
  return readPins(pinnedKeys, policy)
}

function readPins(pins: readonly PinnedKey[], policy: Policy): RawKeyTrust {
  if (!Array.isArray(pins) || pins.length === 0) invalid('pinnedKeys must be an array of one key or more')
  const namesOf = new Map<string, Set<string | null>>()
  for (const pin of pins as readonly PinnedKey[]) {
    const { name, key: input } = isNamed(pin) ? pin : { name: null, key: pin }
    const { id, key } = readKeyId(input, 'pinnedKeys')
    if (key !== null && !policy.allowClassicalAuthentication && isClassical(key)) {
      invalid(`pinnedKeys holds a key of kind ${key.algorithm}, which needs policy allowClassicalAuthentication`)
    }
    const names = namesOf.get(toHex(id)) ?? new Set()
    namesOf.set(toHex(id), names.add(name === null ? null : canonicalName(name)))
  }
  return {
    identify(key, { peer, name }) {
      const names = namesOf.get(toHex(keyId(key)))
      if (names === undefined)
        throw untrusted(`${peer} showed the raw public key ${keyFingerprint(key)}, which is not pinned`)
      const named = [...names].filter((known) => known !== null)
      if (peer === 'client') return Object.freeze(named.sort())
      const asked = name === null ? null : canonicalName(name)
      if (asked !== null && (names.has(null) || names.has(asked))) return Object.freeze([asked])
      if (asked === null && names.has(null)) return Object.freeze([])
      throw untrusted(`server showed a raw public key that is pinned for ${named.join(', ')}, not for ${asked ?? 'it'}`)
    },
  }
}

/** Whether the key makes classical signatures only. */
export function isClassical({ schemes }: PublicKeyInfo): boolean {
  return schemes.every((scheme) => SIGNATURE_SCHEMES[scheme].classical)
}

function isNamed(pin: PinnedKey): pin is { readonly name: string; readonly key: PublicKeyInput } {
  return typeof pin === 'object' && pin !== null && 'name' in pin && 'key' in pin
}

function untrusted(message: string): TrefoilError {
  return new TrefoilError('ERR_UNTRUSTED_KEY', message)
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
