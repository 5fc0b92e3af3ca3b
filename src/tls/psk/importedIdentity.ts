/** ImportedIdentity, the wire identity of an imported PSK (RFC 9258 section 5.1). */
import type { HashAlgorithm } from '../../crypto/provider.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

export interface ImportedIdentity {
  /** 1 to 65,535 octets. */
  readonly externalIdentity: Uint8Array
  /** 0 to 65,535 octets. */
  readonly context: Uint8Array
  readonly targetProtocol: number
  readonly targetKdf: number
}

/** target_protocol for TLS 1.3. */
export const TARGET_TLS13 = 0x0304

/** IANA "TLS KDF Identifiers". */
export const TARGET_KDF: Readonly<Record<HashAlgorithm, number>> = { 'SHA-256': 0x0001, 'SHA-384': 0x0002 }

export function encodeImportedIdentity(identity: ImportedIdentity): Uint8Array {
  return encode((writer) =>
    writer
      .opaque(2, identity.externalIdentity)
      .opaque(2, identity.context)
      .u16(identity.targetProtocol)
      .u16(identity.targetKdf),
  )
}

/** @throws TrefoilError ERR_DECODE: the octets are no ImportedIdentity (they may be a raw identity or a ticket) */
export function decodeImportedIdentity(data: Uint8Array): ImportedIdentity {
  return decode(data, 'ImportedIdentity', (reader) => ({
    externalIdentity: reader.opaque(2, 1),
    context: reader.opaque(2),
    targetProtocol: reader.u16(),
    targetKdf: reader.u16(),
  }))
}
