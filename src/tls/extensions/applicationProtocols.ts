/** application_layer_protocol_negotiation (RFC 7301 section 3.1). */
import { utf8 } from '../../bytes.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

/** @param protocols 1 to 255 octets each in UTF-8 */
export function encodeApplicationProtocols(protocols: readonly string[]): Uint8Array {
  return encode((writer) =>
    writer.vector(2, (list) => {
      for (const protocol of protocols) list.opaque(1, octetsOf(protocol))
    }),
  )
}

export function decodeApplicationProtocols(data: Uint8Array): string[] {
  return decode(data, 'application_layer_protocol_negotiation', (reader) =>
    reader.list(2, 2, (item) => nameOf(item.opaque(1, 1))),
  )
}

/** Names are octets (RFC 8701 reserves some that are no text): Latin-1 keeps what is not UTF-8 apart without loss. */
function nameOf(octets: Uint8Array): string {
  return String.fromCharCode(...octets)
}

function octetsOf(protocol: string): Uint8Array {
  let latin = true
  for (let i = 0; i < protocol.length; i++) if (protocol.charCodeAt(i) > 0xff) latin = false
  return latin ? Uint8Array.from(protocol, (c) => c.charCodeAt(0)) : utf8(protocol)
}
