/**
 * Extension blocks: which extension may stand in which message, and what a receiver must refuse
 * (RFC 9846 section 4.3). The bodies have a file each beside this one.
 */
import { TrefoilError } from '../../errors.js'
import { ExtensionType } from '../wire/codePoints.js'
import type { Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'

export interface Extension {
  readonly type: number
  readonly data: Uint8Array
}

/** Bodies by extension type, in the order of the message. */
export type Extensions = ReadonlyMap<number, Uint8Array>

/** The messages that carry extensions, with the abbreviations of RFC 9846 4.3. */
export type ExtensionContext = 'CH' | 'SH' | 'HRR' | 'EE' | 'CR' | 'CT' | 'NST'

/** The table of RFC 9846 4.3, with RFC 8449, RFC 7250 and RFC 9973. Types that are not here are unknown to us. */
export const ALLOWED_IN: ReadonlyMap<number, readonly ExtensionContext[]> = new Map<
  number,
  readonly ExtensionContext[]
>([
  [ExtensionType.server_name, ['CH', 'EE', 'CR']],
  [ExtensionType.max_fragment_length, ['CH', 'EE']],
  [ExtensionType.status_request, ['CH', 'CR', 'CT']],
  [ExtensionType.supported_groups, ['CH', 'EE']],
  [ExtensionType.signature_algorithms, ['CH', 'CR']],
  [ExtensionType.application_layer_protocol_negotiation, ['CH', 'EE']],
  [ExtensionType.signed_certificate_timestamp, ['CH', 'CR', 'CT']],
  [ExtensionType.client_certificate_type, ['CH', 'EE']],
  [ExtensionType.server_certificate_type, ['CH', 'EE']],
  [ExtensionType.padding, ['CH']],
  [ExtensionType.compress_certificate, ['CH', 'CR']],
  [ExtensionType.record_size_limit, ['CH', 'EE']],
  [ExtensionType.tls_cert_with_extern_psk, ['CH', 'SH']],
  [ExtensionType.pre_shared_key, ['CH', 'SH']],
  [ExtensionType.early_data, ['CH', 'EE', 'NST']],
  [ExtensionType.supported_versions, ['CH', 'SH', 'HRR']],
  [ExtensionType.cookie, ['CH', 'HRR']],
  [ExtensionType.psk_key_exchange_modes, ['CH']],
  [ExtensionType.certificate_authorities, ['CH', 'CR']],
  [ExtensionType.oid_filters, ['CR']],
  [ExtensionType.post_handshake_auth, ['CH']],
  [ExtensionType.signature_algorithms_cert, ['CH', 'CR']],
  [ExtensionType.key_share, ['CH', 'SH', 'HRR']],
])

/** Messages in which unknown extensions are ignored; in the others an extension answers one that was offered. */
const REQUESTS: readonly ExtensionContext[] = ['CH', 'CR', 'NST']

/** Reads an extension block with its length prefix. Duplicates are refused (RFC 9846 4.3). */
export function readExtensions(reader: Reader, minimum: number): Extension[] {
  const extensions = reader.list(2, minimum, (item) => ({ type: item.u16(), data: item.opaque(2) }))
  const seen = new Set<number>()
  for (const { type } of extensions) {
    if (seen.has(type)) illegal(`sent extension ${type} twice in one message`)
    seen.add(type)
  }
  return extensions
}

export function writeExtensions(writer: Writer, extensions: readonly Extension[]): void {
  writer.vector(2, (list) => {
    for (const { type, data } of extensions) list.u16(type).opaque(2, data)
  })
}

/**
 * Applies the rules of placement and returns the bodies by type.
 * @param offered the types we sent in the message that this one answers; null for messages that answer nothing
 */
export function checkExtensions(
  extensions: readonly Extension[],
  context: ExtensionContext,
  offered: ReadonlySet<number> | null,
): Extensions {
  const bodies = new Map<number, Uint8Array>()
  for (const { type, data } of extensions) {
    const places = ALLOWED_IN.get(type)
    if (places !== undefined && !places.includes(context)) {
      illegal(`sent extension ${type} in a message where it has no place`)
    }
    // RFC 9846 4.3: a response to something we did not ask. The cookie of a HelloRetryRequest is the one exception.
    const mayBeUnasked = REQUESTS.includes(context) || (context === 'HRR' && type === ExtensionType.cookie)
    // RFC 8701 3.1: the reserved types that we offer are unknown ones, and may not be answered either.
    const answersNothing = offered !== null && (places === undefined || !offered.has(type))
    if (!mayBeUnasked && answersNothing) {
      throw new TrefoilError('ERR_UNSUPPORTED_EXTENSION', `peer answered with extension ${type}, which was not offered`)
    }
    bodies.set(type, data)
  }
  return bodies
}

function illegal(what: string): never {
  throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `peer ${what}`)
}
