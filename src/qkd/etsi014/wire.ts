/**
 * What both ends of ETSI GS QKD 014 V1.1.1 spell the same way: paths, fixed messages, and keys in base64.
 */
import { TrefoilError } from '../../errors.js'

export type KeyMethod = 'status' | 'enc_keys' | 'dec_keys'

/** `/api/v1/keys/{SAE_ID}/{method}` with the ID URL-encoded (ETSI GS QKD 014 5.1, Table 2). */
export function keysPath(saeId: string, method: KeyMethod): string {
  return `/api/v1/keys/${encodeURIComponent(saeId)}/${method}`
}

/** Error messages that the standard words itself (ETSI GS QKD 014 5.3, 5.4, 6.2). */
export const MESSAGES = {
  sizeNotMultipleOf8: 'size shall be a multiple of 8',
  mandatoryExtension: 'not all extension_mandatory parameters are supported',
  keysNotFound: 'one or more keys specified are not found on KME',
} as const

/** Bodies are small: 128 keys of 1024 bits make 32 KiB. */
export const MAX_BODY_LENGTH = 65_536

/** A key as it travels: both members as JSON strings (ETSI GS QKD 014 6.3). */
export interface WireKey {
  readonly key_ID: string
  readonly key: string
}

export type JsonObject = Record<string, unknown>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64')
}

/**
 * Reads base64 with padding and without anything else (RFC 4648 section 4, 3.5: unused bits are zero) into memory of
 * its own, which the caller can wipe; null when it is not that.
 */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const octets = new Uint8Array((text.length / 4) * 3 - padding)
  Buffer.from(octets.buffer).write(text, 'base64')
  const lastGroup = octets.subarray(octets.length - (octets.length % 3 || 3))
  if (text.length > 0 && toBase64(lastGroup) !== text.slice(-4)) {
    octets.fill(0)
    return null
  }
  return octets
}

/**
 * Parses JSON that may hold keys. The engine's own complaint quotes the text, so it is dropped.
 * @throws TrefoilError ERR_QKD_BAD_REPLY
 */
export function parseJson(octets: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets))
  } catch {
    throw new TrefoilError('ERR_QKD_BAD_REPLY', 'the key manager answered with something that is not JSON')
  }
}
