/** HelloRetryRequest: sending one, and what the second ClientHello may then change (RFC 9846 sections 4.2.2, 4.2.4). */
import { equalBytes } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import { TrefoilError } from '../../errors.js'
import type { Extension } from '../extensions/extension.js'
import { encodeSelectedGroup } from '../extensions/keyShare.js'
import { decodeOfferedPsks } from '../extensions/preSharedKey.js'
import { decodeCookie, encodeCookie, encodeSelectedVersion } from '../extensions/scalars.js'
import type { ClientHello } from '../messages/clientHello.js'
import type { ClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import { decodeServerHello, encodeServerHello, HELLO_RETRY_REQUEST_RANDOM } from '../messages/serverHello.js'
import { ExtensionType, VERSION_TLS13 } from '../wire/codePoints.js'
import { HANDSHAKE_HEADER_LENGTH } from '../wire/handshake.js'
import { openCookie, sealCookie } from './cookie.js'
import type { ExpectSecondClientHello, SentRetry, ServerEnvironment } from './states.js'

/** @param group null when the shares will do and only the cookie is wanted back */
export function sendHelloRetryRequest(
  server: ServerEnvironment,
  hello: ClientHello,
  clientHello: Uint8Array,
  cipherSuite: CipherSuiteName,
  group: NamedGroupName | null,
): ExpectSecondClientHello {
  const { hash } = CIPHER_SUITES[cipherSuite]
  const { cookieKey } = server.config
  server.transcript.add(clientHello)
  const clientHelloHash = server.crypto.hash(hash, clientHello)
  server.transcript.restartWith(clientHelloHash)
  const cookie =
    cookieKey === undefined ? null : sealCookie(server.crypto, cookieKey, { cipherSuite, group, clientHelloHash })
  const sent = server.channel.send(encodeRetry(hello.sessionId, cipherSuite, group, cookie), server.transcript)
  if (hello.sessionId.length > 0) server.channel.sendChangeCipherSpec()
  return { name: 'expectSecondClientHello', retry: { firstHello: hello, cipherSuite, group, cookie: cookieIn(sent) } }
}

/** A first message that brings a cookie: the retry was sent by a server (or a twin of it) that kept no state. */
export function resumeFromCookie(server: ServerEnvironment, hello: ClientHello, cookie: Uint8Array): SentRetry {
  const { cookieKey } = server.config
  if (cookieKey === undefined) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'client sent a cookie that it was never given')
  }
  const { cipherSuite, group, clientHelloHash } = openCookie(server.crypto, cookieKey, cookie)
  server.transcript.restartWith(clientHelloHash)
  server.transcript.add(encodeRetry(hello.sessionId, cipherSuite, group, cookie))
  return { firstHello: null, cipherSuite, group, cookie }
}

/** What RFC 9846 4.2.2 lets a client change in its second hello; everything else must be as it was. */
export function checkSecondHello(retry: SentRetry, hello: ClientHello, extensions: ClientHelloExtensions): void {
  if (!hello.cipherSuites.includes(CIPHER_SUITES[retry.cipherSuite].codePoint))
    illegal('dropped the suite of the retry')
  if (extensions.earlyData) illegal('offered early data after HelloRetryRequest')
  if (!sameOctets(retry.cookie, extensions.cookie)) illegal('did not send back the cookie it was given')
  if (retry.group !== null) {
    const [share, ...others] = extensions.keyShares
    if (share?.group !== NAMED_GROUPS[retry.group].codePoint || others.length > 0) {
      illegal('did not send the one key share that the retry asked for')
    }
  }
  if (retry.firstHello !== null) checkUnchanged(retry.firstHello, hello, retry.group === null)
}

const MAY_CHANGE: readonly number[] = [
  ExtensionType.early_data,
  ExtensionType.cookie,
  ExtensionType.pre_shared_key,
  ExtensionType.padding,
]

function checkUnchanged(first: ClientHello, second: ClientHello, keepShares: boolean): void {
  const same =
    equalBytes(first.random, second.random) &&
    equalBytes(first.sessionId, second.sessionId) &&
    equalBytes(first.compressionMethods, second.compressionMethods) &&
    first.cipherSuites.length === second.cipherSuites.length &&
    first.cipherSuites.every((suite, i) => suite === second.cipherSuites[i])
  requireSameOrFewerPsks(pskIdentities(first), pskIdentities(second))
  if (!same) illegal('changed its random, session id or suites after HelloRetryRequest')
  const fixed = (hello: ClientHello) =>
    hello.extensions.filter(
      ({ type }) => !MAY_CHANGE.includes(type) && (keepShares || type !== ExtensionType.key_share),
    )
  const before = new Map(fixed(first).map(({ type, data }) => [type, data]))
  const after = fixed(second)
  const unchanged =
    before.size === after.length && after.every(({ type, data }) => sameOctets(before.get(type) ?? null, data))
  if (!unchanged) illegal('changed an extension after HelloRetryRequest that had to stay as it was')
}

/** PSKs that do not fit the suite may be dropped; that is all (RFC 9846 4.2.2). Ticket ages move with the clock. */
function requireSameOrFewerPsks(first: readonly Uint8Array[], second: readonly Uint8Array[]): void {
  let from = 0
  for (const identity of second) {
    const at = first.findIndex((known, i) => i >= from && equalBytes(known, identity))
    if (at < 0) illegal('offered another pre-shared key after HelloRetryRequest')
    from = at + 1
  }
}

function pskIdentities(hello: ClientHello): Uint8Array[] {
  const offered = hello.extensions.find(({ type }) => type === ExtensionType.pre_shared_key)
  return offered === undefined ? [] : decodeOfferedPsks(offered.data).identities.map(({ identity }) => identity)
}

function encodeRetry(
  sessionId: Uint8Array,
  cipherSuite: CipherSuiteName,
  group: NamedGroupName | null,
  cookie: Uint8Array | null,
): Uint8Array {
  const extensions: Extension[] = [
    { type: ExtensionType.supported_versions, data: encodeSelectedVersion(VERSION_TLS13) },
  ]
  if (group !== null) {
    extensions.push({ type: ExtensionType.key_share, data: encodeSelectedGroup(NAMED_GROUPS[group].codePoint) })
  }
  if (cookie !== null) extensions.push({ type: ExtensionType.cookie, data: encodeCookie(cookie) })
  const { codePoint } = CIPHER_SUITES[cipherSuite]
  return encodeServerHello({ random: HELLO_RETRY_REQUEST_RANDOM, sessionId, cipherSuite: codePoint, extensions })
}

/** The cookie that went out: in a replay another one than ours. */
function cookieIn(retry: Uint8Array): Uint8Array | null {
  const { extensions } = decodeServerHello(retry.subarray(HANDSHAKE_HEADER_LENGTH))
  const cookie = extensions.find(({ type }) => type === ExtensionType.cookie)
  return cookie === undefined ? null : decodeCookie(cookie.data)
}

function sameOctets(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b)
}

function illegal(what: string): never {
  throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `client ${what}`)
}
