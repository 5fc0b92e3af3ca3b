/**
 * Cookies in HelloRetryRequest (RFC 9846 section 4.3.2). A cookie carries all that a server must know again: the suite
 * and group it chose and the hash of the first ClientHello, under a MAC. A second ClientHello can so be answered by a
 * server that kept nothing.
 *
 *     struct { uint16 suite; uint16 group; opaque client_hello_hash<32..48>; uint8 mac[32]; } Cookie;
 */
import { concat, constantTimeEqual } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName, cipherSuiteByCodePoint, hashLength } from '../../crypto/cipherSuites.js'
import { groupByCodePoint, NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

export interface CookieContent {
  readonly cipherSuite: CipherSuiteName
  /** Null when no other key share was asked for. */
  readonly group: NamedGroupName | null
  readonly clientHelloHash: Uint8Array
}

const MAC_LENGTH = 32
const NO_GROUP = 0

export function sealCookie(crypto: CryptoProvider, key: Uint8Array, content: CookieContent): Uint8Array {
  const body = encode((writer) =>
    writer
      .u16(CIPHER_SUITES[content.cipherSuite].codePoint)
      .u16(content.group === null ? NO_GROUP : NAMED_GROUPS[content.group].codePoint)
      .opaque(1, content.clientHelloHash),
  )
  return concat(body, mac(crypto, key, body))
}

/** @throws TrefoilError ERR_ILLEGAL_PARAMETER for a cookie that is not ours */
export function openCookie(crypto: CryptoProvider, key: Uint8Array, cookie: Uint8Array): CookieContent {
  const body = cookie.subarray(0, Math.max(0, cookie.length - MAC_LENGTH))
  if (!constantTimeEqual(mac(crypto, key, body), cookie.subarray(body.length))) return foreign()
  const { suite, group, clientHelloHash } = decode(body, 'cookie', (reader) => ({
    suite: reader.u16(),
    group: reader.u16(),
    clientHelloHash: reader.opaque(1),
  }))
  const cipherSuite = cipherSuiteByCodePoint(suite)
  if (cipherSuite === undefined || clientHelloHash.length !== hashLength(CIPHER_SUITES[cipherSuite].hash))
    return foreign()
  return { cipherSuite, group: group === NO_GROUP ? null : (groupByCodePoint(group) ?? foreign()), clientHelloHash }
}

function mac(crypto: CryptoProvider, key: Uint8Array, body: Uint8Array): Uint8Array {
  const macKey = crypto.hmacKey('SHA-256', key)
  const tag = macKey.mac(body)
  macKey.wipe()
  return tag
}

function foreign(): never {
  throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'client sent a cookie that this server did not make')
}
