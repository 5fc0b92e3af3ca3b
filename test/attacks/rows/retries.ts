/** HelloRetryRequest, forged and tampered with. It is in the transcript, and the cookie in it is the server's own. */
import { NAMED_GROUPS, type NamedGroupName } from '../../../src/crypto/groups.js'
import { encodeApplicationProtocols } from '../../../src/tls/extensions/applicationProtocols.js'
import type { Extension } from '../../../src/tls/extensions/extension.js'
import { encodeSelectedGroup } from '../../../src/tls/extensions/keyShare.js'
import { encodeCookie, encodeSelectedVersion } from '../../../src/tls/extensions/scalars.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import { HELLO_RETRY_REQUEST_RANDOM, type ServerHello } from '../../../src/tls/messages/serverHello.js'
import { ContentType, ExtensionType, VERSION_TLS13 } from '../../../src/tls/wire/codePoints.js'
import { editFirstFlight } from '../../support/firstFlight.js'
import { extensionData, having, without } from '../../support/hellos.js'
import {
  clientHello,
  encodeRecord,
  flipped,
  isClientHello,
  isServerHello,
  on,
  readClientHello,
  readServerHello,
  serverHello,
  together,
} from '../editing.js'
import type { Attacker } from '../manInTheMiddle.js'
import type { Family, Notice, Row } from '../row.js'
import type { Setting } from '../settings.js'
import { groupList, noticed, onTheLine, ownShare, UNDER_BINDER } from './hellos.js'

const illegal = (by: Notice['by'], check: string): Notice => noticed(by, 'ERR_ILLEGAL_PARAMETER', check)
const SAME_HELLO = illegal('server', 'the second hello is the first but for what was asked (RFC 9846 4.2.2)')
const COOKIE = illegal('server', 'the cookie is the one that was given (RFC 9846 4.3.2)')
const ONE_RETRY = noticed('client', 'ERR_UNEXPECTED_MESSAGE', 'one retry in a handshake (RFC 9846 4.2.4)')

const retry = (attack: string, edit: (hello: ServerHello) => ServerHello, ...notices: readonly Notice[]): Row => {
  return onTheLine(attack, serverHello(edit), ...notices)
}
const second = (attack: string, edit: (hello: ClientHello) => ClientHello, ...notices: readonly Notice[]): Row => {
  return onTheLine(attack, clientHello(edit, 1), ...notices)
}

const withBoth = (settings: Pick<Setting['client'], 'groups' | 'policy' | 'ALPNProtocols'>, server = settings) => {
  return (honest: Setting): Setting => ({
    ...honest,
    client: { ...honest.client, ...settings },
    server: { ...honest.server, ...server },
  })
}

const CLASSICAL = { allowClassicalKeyExchange: true }

/** The server takes the share that the client sends. */
export const FORGED_RETRIES: Family = {
  title: 'HelloRetryRequest forged',
  adapt: withBoth({ groups: 'X25519MLKEM768:SecP256r1MLKEM768:x25519', policy: CLASSICAL }),
  rows: [
    onTheLine(
      'asks for another group in place of the server, who sees the second hello alone',
      forgedRetry('SecP256r1MLKEM768'),
    ),
    onTheLine(
      'asks for X25519 in place of the server, and takes the hybrid groups away from the second hello',
      together(
        clientHello((hello) => having(hello, 'supported_groups', groupList('x25519')), 1),
        forgedRetry('x25519'),
      ),
    ),
    onTheLine(
      'asks for X25519 in place of the server, who prefers a hybrid group and asks once more',
      forgedRetry('x25519'),
      ONE_RETRY,
    ),
    onTheLine('adds a cookie of its own', forgedRetry('SecP256r1MLKEM768', new Uint8Array(70)), COOKIE),
  ],
}

/** The server must ask for another share. */
export const RETRIES: Family = {
  title: 'HelloRetryRequest tampered with',
  adapt: withBoth(
    { groups: 'X25519MLKEM768:SecP256r1MLKEM768:x25519', policy: CLASSICAL, ALPNProtocols: ['h2'] },
    { groups: 'SecP256r1MLKEM768:x25519', policy: CLASSICAL, ALPNProtocols: ['h2'] },
  ),
  rows: [
    retry(
      'asks for another group than the server does',
      (hello) => having(hello, 'key_share', encodeSelectedGroup(NAMED_GROUPS.x25519.codePoint)),
      illegal('server', 'the share is of the group that was asked for (RFC 9846 4.2.4)'),
    ),
    retry(
      'asks for a group that was not offered',
      (hello) => having(hello, 'key_share', encodeSelectedGroup(NAMED_GROUPS.secp384r1.codePoint)),
      illegal('client', 'the group asked for was offered (RFC 9846 4.2.4)'),
    ),
    retry(
      'asks for the share that was sent',
      (hello) => having(hello, 'key_share', encodeSelectedGroup(NAMED_GROUPS.X25519MLKEM768.codePoint)),
      illegal('client', 'the group asked for had no share yet (RFC 9846 4.2.4)'),
    ),
    retry(
      'names another suite that was offered',
      (hello) => ({ ...hello, cipherSuite: hello.cipherSuite === 0x1301 ? 0x1303 : 0x1301 }),
      noticed('client', 'ERR_ILLEGAL_PARAMETER', 'the suite is that of the retry (RFC 9846 4.2.4)', ['certificate']),
    ),
    retry(
      'turns a bit of the cookie over',
      (hello) => having(hello, 'cookie', flipped(extensionData(hello, 'cookie'))),
      COOKIE,
    ),
    retry('takes the cookie away', (hello) => without(hello, 'cookie'), COOKIE),
    onTheLine(
      'sends the retry twice',
      on(isServerHello, ({ record }) => [record, record]),
      ONE_RETRY,
    ),
    onTheLine('answers the second hello with another retry', secondRetry(), ONE_RETRY),
    onTheLine(
      'keeps the retry to itself and answers it with its own share',
      keptRetry(),
      noticed('client', 'ERR_ILLEGAL_PARAMETER', 'the share is of a group that one was sent for (RFC 9846 4.3.8)', [
        'certificate',
      ]),
      ...UNDER_BINDER,
    ),
    onTheLine('sends the first hello again in place of the second', firstHelloAgain(), SAME_HELLO),
    second(
      "changes the client's random in the second hello",
      (hello) => ({ ...hello, random: flipped(hello.random) }),
      SAME_HELLO,
    ),
    second(
      'takes a suite out of the second hello',
      (hello) => ({ ...hello, cipherSuites: hello.cipherSuites.slice(0, -1) }),
      SAME_HELLO,
    ),
    second(
      'takes ALPN out of the second hello',
      (hello) => without(hello, 'application_layer_protocol_negotiation'),
      SAME_HELLO,
    ),
    second(
      'turns a bit of the returned cookie over',
      (hello) => having(hello, 'cookie', flipped(extensionData(hello, 'cookie'))),
      COOKIE,
    ),
    second('puts its own share into the second hello', (hello) =>
      having(hello, 'key_share', ownShare('SecP256r1MLKEM768')),
    ),
    onTheLine(
      'changes both hellos alike',
      together(
        ...[0, 1].map((nth) =>
          clientHello(
            (hello) =>
              having(hello, 'application_layer_protocol_negotiation', encodeApplicationProtocols(['h2', 'http/1.1'])),
            nth,
          ),
        ),
      ),
    ),
  ],
}

/** Answers the first hello itself; the server gets the second one as if it were the first. */
function forgedRetry(group: NamedGroupName, cookie: Uint8Array | null = null): () => Attacker {
  return on(isClientHello, ({ record }, line) => {
    const { sessionId } = readClientHello(record)
    const extensions: Extension[] = [
      { type: ExtensionType.supported_versions, data: encodeSelectedVersion(VERSION_TLS13) },
      { type: ExtensionType.key_share, data: encodeSelectedGroup(NAMED_GROUPS[group].codePoint) },
      ...(cookie === null ? [] : [{ type: ExtensionType.cookie, data: encodeCookie(cookie) }]),
    ]
    line.toClient(encodeRecord({ random: HELLO_RETRY_REQUEST_RANDOM, sessionId, cipherSuite: 0x1302, extensions }))
    return null
  })
}

function secondRetry(): () => Attacker {
  return serverHello((hello) => ({ ...hello, random: HELLO_RETRY_REQUEST_RANDOM }), 1)
}

/** The client must not learn that the server asked for another share; the attacker has one. */
function keptRetry(): () => Attacker {
  return () => {
    let first: Buffer | null = null
    return (passing, line) => {
      const { record } = passing
      if (isClientHello(passing)) first = record
      if (first === null || !isServerHello(passing)) return record
      const answer = readServerHello(record)
      if (!Buffer.from(answer.random).equals(HELLO_RETRY_REQUEST_RANDOM)) return record
      const edited = (hello: ClientHello) =>
        having(having(hello, 'cookie', extensionData(answer, 'cookie')), 'key_share', ownShare('SecP256r1MLKEM768'))
      line.toServer(editFirstFlight(first, edited))
      return null
    }
  }
}

function firstHelloAgain(): () => Attacker {
  return () => {
    let first: Buffer | null = null
    return (passing) => {
      if (passing.record[0] !== ContentType.handshake || !isClientHello(passing)) return passing.record
      first ??= passing.record
      return first
    }
  }
}
