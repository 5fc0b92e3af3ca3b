/** server_name (RFC 6066 section 3). The server's answer is an empty body. */
import { fromUtf8, utf8 } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

const HOST_NAME = 0

/** @param name a DNS name in ASCII, without the trailing dot; never an IP literal */
export function encodeServerName(name: string): Uint8Array {
  return encode((writer) => writer.vector(2, (list) => list.u8(HOST_NAME).opaque(2, utf8(name))))
}

/** The host name, or null when the list holds none of that type. */
export function decodeServerName(data: Uint8Array): string | null {
  const names = decode(data, 'server_name', (reader) =>
    reader.list(2, 1, (item) => ({ type: item.u8(), name: item.opaque(2, 1) })),
  )
  const hosts = names.filter(({ type }) => type === HOST_NAME)
  // RFC 6066 3: not more than one name of a type.
  if (hosts.length > 1) throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'peer sent several host names in server_name')
  const host = hosts[0]
  if (host === undefined) return null
  if (!host.name.every(isPrintable)) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'peer sent a server name that is not printable ASCII')
  }
  return fromUtf8(host.name)
}

function isPrintable(octet: number): boolean {
  return octet > 0x20 && octet < 0x7f
}
