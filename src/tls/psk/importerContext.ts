/**
 * The importer context of this profile (PROTOCOL.md gives it exactly). It travels inside ImportedIdentity, so the kind
 * of PSK, both SAEs and their roles are bound by derivation, binder and transcript: a key that was meant for another
 * pair, for the other direction or for another kind of use never verifies (RFC 9258 5.1 and appendix;
 * arXiv 2509.12478).
 *
 *     enum { psk(1), qkd(2), psk_and_qkd(3), (255) } KeyKind;
 *     struct {
 *       uint8  version = 1;
 *       KeyKind kind;
 *       opaque key_source_name<0..255>;      // UTF-8, empty without QKD
 *       opaque initiator_sae_id<0..2^16-1>;  // UTF-8: the TLS client's SAE; without QKD its name, or empty
 *       opaque responder_sae_id<0..2^16-1>;  // UTF-8: the TLS server's SAE; without QKD its name, or empty
 *       opaque auth_psk_identity<0..2^16-1>; // empty without an auth PSK
 *     } TrefoilImporterContext;
 */

import { fromUtf8, utf8 } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

export type KeyKind = 'psk' | 'qkd' | 'psk+qkd'

export interface ImporterContext {
  readonly kind: KeyKind
  readonly keySourceName: string
  readonly initiatorSaeId: string
  readonly responderSaeId: string
  readonly authPskIdentity: Uint8Array
}

const VERSION = 1
const KINDS: Readonly<Record<KeyKind, number>> = { psk: 1, qkd: 2, 'psk+qkd': 3 }

export function encodeImporterContext(context: ImporterContext): Uint8Array {
  return encode((writer) =>
    writer
      .u8(VERSION)
      .u8(KINDS[context.kind])
      .opaque(1, utf8(context.keySourceName))
      .opaque(2, utf8(context.initiatorSaeId))
      .opaque(2, utf8(context.responderSaeId))
      .opaque(2, context.authPskIdentity),
  )
}

/** @throws TrefoilError ERR_DECODE for anything that is not version 1 of this struct */
export function decodeImporterContext(data: Uint8Array): ImporterContext {
  return decode(data, 'TrefoilImporterContext', (reader) => {
    if (reader.u8() !== VERSION) reader.fail('has an unknown version')
    const kindOctet = reader.u8()
    const kind = (Object.keys(KINDS) as KeyKind[]).find((name) => KINDS[name] === kindOctet)
    if (kind === undefined) return reader.fail('has an unknown kind')
    return {
      kind,
      keySourceName: text(reader.opaque(1)),
      initiatorSaeId: text(reader.opaque(2)),
      responderSaeId: text(reader.opaque(2)),
      authPskIdentity: reader.opaque(2),
    }
  })
}

function text(octets: Uint8Array): string {
  try {
    return fromUtf8(octets)
  } catch (cause) {
    throw new TrefoilError('ERR_DECODE', 'peer sent an importer context with a name that is not UTF-8', { cause })
  }
}
