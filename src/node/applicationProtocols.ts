/** ALPN at the level of options (RFC 7301). */
import { TrefoilError } from '../errors.js'

/** @throws TrefoilError ERR_INVALID_OPTION for a malformed list */
export function resolveApplicationProtocols(
  option: readonly string[] | ArrayBufferView | undefined,
): readonly string[] {
  if (option === undefined) return []
  const protocols = ArrayBuffer.isView(option)
    ? parse(new Uint8Array(option.buffer, option.byteOffset, option.byteLength))
    : [...option]
  for (const protocol of protocols) {
    // The core takes names as Latin-1, one character an octet.
    if (typeof protocol !== 'string' || !/^[^\u{100}-\u{10ffff}]{1,255}$/u.test(protocol)) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'an ALPN protocol name has 1 to 255 octets')
    }
  }
  return protocols
}

export interface ALPNQuestion {
  /** The name the client asked for; empty when it sent none. */
  readonly servername: string
  readonly protocols: string[]
}

export type ALPNCallback = (question: ALPNQuestion) => string | undefined

/** The server's choice; null leaves ALPN out. @throws TrefoilError ERR_NO_APPLICATION_PROTOCOL (RFC 7301 3.2) */
export function selectApplicationProtocol(
  ours: readonly string[],
  callback: ALPNCallback | undefined,
  question: ALPNQuestion,
): string | null {
  if (callback !== undefined) {
    const chosen = callback(question)
    if (chosen === undefined) return refuse(question)
    if (question.protocols.includes(chosen)) return chosen
    throw new TrefoilError('ERR_INVALID_OPTION', `ALPNCallback chose ${chosen}, which the client did not offer`)
  }
  if (ours.length === 0) return null
  return ours.find((protocol) => question.protocols.includes(protocol)) ?? refuse(question)
}

function refuse(question: ALPNQuestion): never {
  const offered = question.protocols.join(', ')
  throw new TrefoilError('ERR_NO_APPLICATION_PROTOCOL', `client offered no application protocol of ours: ${offered}`)
}

/** `ProtocolName protocol_name_list<2..2^16-1>` without its outer length, as node:tls takes it. */
function parse(octets: Uint8Array): string[] {
  const protocols: string[] = []
  for (let offset = 0; offset < octets.length; ) {
    const length = octets[offset] as number
    const name = octets.subarray(offset + 1, offset + 1 + length)
    if (name.length !== length) throw new TrefoilError('ERR_INVALID_OPTION', 'ALPNProtocols ends inside a name')
    protocols.push(Buffer.from(name).toString('latin1'))
    offset += 1 + length
  }
  return protocols
}
