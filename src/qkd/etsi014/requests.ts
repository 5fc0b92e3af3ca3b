/**
 * What is asked of a key manager: Key request (ETSI GS QKD 014 6.2) and Key IDs (6.4), checked here, where the caller
 * can be told, before the key manager has to.
 */
import { TrefoilError } from '../../errors.js'
import { isIdentifier, requireSaeId } from '../identifiers.js'
import { keySizeInOctets } from '../keySize.js'
import type { KeyRequestOptions } from '../keySource.js'
import { isJsonObject, type JsonObject, keysPath, MAX_BODY_LENGTH } from './wire.js'

/**
 * Parameters of one vendor, by name. A name begins with the vendor's prefix, which ends in `_`, as in
 * `{ acme_route: 'direct' }`; values are whatever JSON can say.
 */
export type VendorExtension = Readonly<JsonObject>

export interface KeysRequest extends KeyRequestOptions {
  /** How many keys, 1 to 1024; default 1. The key manager may allow fewer (max_key_per_request). */
  readonly number?: number
  /** Size of each in bits; default the source's `keySize`. */
  readonly size?: number
  /** SAEs that may fetch the same keys besides the peer. Whoever is named has the keys. */
  readonly additionalSlaveSaeIds?: readonly string[]
  /** What the key manager must heed or refuse the request. */
  readonly extensionMandatory?: readonly VendorExtension[]
  /** What the key manager may ignore. */
  readonly extensionOptional?: readonly VendorExtension[]
}

export interface KeysWithIdsRequest extends KeyRequestOptions {
  /** Size the keys must have, in bits; default the source's `keySize`. Not sent: the key_IDs decide. */
  readonly size?: number
  /** key_IDs_extension of the request as a whole. */
  readonly extension?: VendorExtension
}

/** A key_ID alone, or with its key_ID_extension. */
export type KeyIdRequest = string | { readonly keyId: string; readonly extension?: VendorExtension }

/** A request ready to be sent, and what its reply must hold. */
export interface Asked {
  readonly path: string
  /** Null for GET. */
  readonly body: JsonObject | null
  readonly number: number
  /** In bytes. */
  readonly keyLength: number
  /** Longest reply to accept, in bytes. */
  readonly maxReplyLength: number
}

/** What the source is configured to do where a request says nothing. */
export interface Defaults {
  readonly keySize: number
  readonly usesGet: boolean
}

const MAX_KEYS_PER_CALL = 1024
/** Of key material; a reply is read into memory as a whole. */
const MAX_OCTETS_PER_CALL = 1_048_576
/** key_ID, extensions and punctuation of one key in a reply. */
const OVERHEAD_PER_KEY = 1024

/**
 * Get key (5.3). GET can say number and size and nothing else; whatever says more is a POST.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function askForKeys(peerSaeId: string, request: KeysRequest, defaults: Defaults): Asked {
  const path = keysPath(requireSaeId(peerSaeId), 'enc_keys')
  const { number = 1, size = defaults.keySize } = request
  const expected = expectedKeys(number, size)
  const more: JsonObject = {
    ...nonEmpty('additional_slave_SAE_IDs', additionalSlaves(peerSaeId, request.additionalSlaveSaeIds ?? [])),
    ...nonEmpty('extension_mandatory', extensions('extensionMandatory', request.extensionMandatory ?? [])),
    ...nonEmpty('extension_optional', extensions('extensionOptional', request.extensionOptional ?? [])),
  }
  return defaults.usesGet && Object.keys(more).length === 0
    ? { path: `${path}?number=${number}&size=${size}`, body: null, ...expected }
    : { path, body: fitting({ number, size, ...more }), ...expected }
}

/**
 * Get key with key IDs (5.4). GET can name one key_ID and nothing else; whatever says more is a POST. The IDs must be
 * identifiers already: the peer chose them, so a bad one is not the caller's fault.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function askForKeysWithIds(
  peerSaeId: string,
  keyIds: readonly KeyIdRequest[],
  request: KeysWithIdsRequest,
  defaults: Defaults,
): Asked {
  const path = keysPath(requireSaeId(peerSaeId), 'dec_keys')
  const expected = expectedKeys(keyIds.length, request.size ?? defaults.keySize)
  const entries = keyIds.map((asked) => {
    if (typeof asked === 'string') return { key_ID: asked }
    const { keyId, extension } = asked
    return extension === undefined
      ? { key_ID: keyId }
      : { key_ID: keyId, key_ID_extension: extensionObject('extension', extension) }
  })
  const more =
    request.extension === undefined ? {} : { key_IDs_extension: extensionObject('extension', request.extension) }
  const [only] = entries
  const isPlain = entries.length === 1 && only !== undefined && !('key_ID_extension' in only)
  return defaults.usesGet && isPlain && request.extension === undefined
    ? { path: `${path}?key_ID=${encodeURIComponent(only.key_ID)}`, body: null, ...expected }
    : { path, body: fitting({ key_IDs: entries, ...more }), ...expected }
}

function expectedKeys(number: number, size: number): Pick<Asked, 'number' | 'keyLength' | 'maxReplyLength'> {
  const keyLength = keySizeInOctets(size)
  if (!Number.isInteger(number) || number < 1 || number > MAX_KEYS_PER_CALL) {
    throw invalid(`${number} keys are not from 1 to ${MAX_KEYS_PER_CALL}`)
  }
  if (number * keyLength > MAX_OCTETS_PER_CALL) {
    throw invalid(`${number} keys of ${size} bits are more than ${MAX_OCTETS_PER_CALL} bytes in one call`)
  }
  const needed = number * (4 * Math.ceil(keyLength / 3) + OVERHEAD_PER_KEY)
  return { number, keyLength, maxReplyLength: Math.max(MAX_BODY_LENGTH, needed) }
}

function additionalSlaves(peerSaeId: string, saeIds: readonly string[]): readonly string[] {
  if (new Set([peerSaeId, ...saeIds.map(requireSaeId)]).size === saeIds.length + 1) return saeIds
  throw invalid('a slave SAE is named twice')
}

function extensions(option: string, list: readonly VendorExtension[]): readonly VendorExtension[] {
  if (!Array.isArray(list)) throw invalid(`${option} is not a list`)
  for (const entry of list as readonly VendorExtension[]) {
    const names = isJsonObject(entry) ? Object.keys(entry) : []
    // 6.2: names are given by vendors, who put their prefix and an underscore before them.
    if (names.length === 0 || !names.every((name) => isIdentifier(name) && /^[^_]+_./.test(name))) {
      throw invalid(`an entry of ${option} is not an object whose names begin with a vendor's prefix, as in acme_route`)
    }
  }
  return list
}

function extensionObject(option: string, value: VendorExtension): VendorExtension {
  if (isJsonObject(value)) return value
  throw invalid(`${option} is not an object`)
}

function nonEmpty(field: string, list: readonly unknown[]): JsonObject {
  return list.length === 0 ? {} : { [field]: list }
}

/** The body as JSON will have it; extensions come from the caller and may be anything. */
function fitting(body: JsonObject): JsonObject {
  let text: string
  try {
    text = JSON.stringify(body)
  } catch {
    throw invalid('an extension holds what JSON cannot say')
  }
  if (text.length > MAX_BODY_LENGTH) throw invalid('the extensions of the request are too long')
  return JSON.parse(text) as JsonObject
}

function invalid(message: string): TrefoilError {
  return new TrefoilError('ERR_INVALID_OPTION', message)
}
