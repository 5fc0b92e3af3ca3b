/** Somebody who is not who he says he is, with all that he might have got hold of but one thing. */
import { randomBytes } from 'node:crypto'
import type { ConnectionOptions, KeySource, QkdKey, ServerOptions } from '../../../src/index.js'
import { authority, clientIdentity, identity, psk, serverIdentity } from '../../modes/identities.js'
import { forged } from '../../modes/link.js'
import { answeringWith, gullible, signingWith } from '../attackersEnds.js'
import type { Family, Notice, Row } from '../row.js'
import { BY_BOTH, BY_CERTIFICATE, BY_KEY, type ModeName, MUTUAL, QKD } from '../settings.js'

const DAY = 86_400_000
const SERVER_MODES = [...BY_CERTIFICATE, ...BY_BOTH]
const PATH = 'the chain leads to a trust anchor (RFC 5280 6.1)'
const TIME = 'the certificate is valid now (RFC 5280 6.1.3)'
const PROOF = 'CertificateVerify proves possession of the key (RFC 9846 4.5.3)'
const USAGE = 'the certificate is for this use (RFC 5280 4.2.1.12)'

const mallory = authority('Mallory CA')
const namesake = authority()
const stranger = identity('127.0.0.1', { ca: mallory })
const expired = { notBefore: Date.now() - 9 * DAY, days: 8 }
const early = { notBefore: Date.now() + DAY, days: 8 }

/** What the attacker shows, by the name or the key that he wants to pass for. */
const asServer = (attack: string, own: Partial<ServerOptions>, code: Notice['code'], check: string): Row => ({
  attack,
  notices: [{ modes: SERVER_MODES, by: 'client', code, check }],
  scene: ({ server, client }) => ({ client, server: { ...server, ...own } }),
})
const asClient = (
  attack: string,
  own: (link: ConnectionOptions) => Partial<ConnectionOptions>,
  modes: readonly ModeName[],
  code: Notice['code'],
  check: string,
): Row => ({
  attack,
  notices: [{ modes, by: 'server', code, check }],
  scene: ({ server, client }) => ({ server, client: { ...client, ...own(client) } }),
})

export const FALSE_SERVERS: Family = {
  title: 'False servers',
  rows: [
    asServer('has a certificate of its own CA', stranger, 'ERR_UNKNOWN_CA', PATH),
    asServer(
      'has a certificate of its own CA, to which it gave the name of the trusted one',
      identity('127.0.0.1', { ca: namesake }),
      'ERR_UNKNOWN_CA',
      PATH,
    ),
    asServer(
      'has a certificate of the trusted CA for another name',
      identity('elsewhere.test'),
      'ERR_CERTIFICATE_NAME_MISMATCH',
      'the name asked for stands in the certificate (RFC 9525 6)',
    ),
    asServer(
      'has an expired certificate of the right name, and its key',
      identity('127.0.0.1', expired),
      'ERR_CERTIFICATE_EXPIRED',
      TIME,
    ),
    asServer(
      'has a certificate of the right name that is not valid yet, and its key',
      identity('127.0.0.1', early),
      'ERR_CERTIFICATE_NOT_YET_VALID',
      TIME,
    ),
    asServer(
      'has a certificate of the right name for clients',
      identity('127.0.0.1', { usage: ['client'] }),
      'ERR_UNSUPPORTED_CERTIFICATE',
      USAGE,
    ),
    asServer(
      "shows the server's certificate without having its key",
      { cert: serverIdentity.cert, key: signingWith(stranger.key), crypto: gullible },
      'ERR_BAD_CERTIFICATE_VERIFY',
      PROOF,
    ),
    {
      attack: "has the server's certificate and its key, but no QKD key",
      notices: [
        {
          modes: BY_BOTH,
          by: 'client',
          code: 'ERR_POLICY_PSK_NOT_MIXED',
          check: 'our policy: the key that was offered is mixed in',
        },
      ],
      scene: ({ server, client }) => ({ client, server: { ...server, qkd: undefined } }),
    },
    {
      attack: 'has no key, and goes on without one',
      notices: [
        {
          modes: BY_KEY,
          by: 'client',
          code: 'ERR_POLICY_PSK_NOT_MIXED',
          check: 'our policy: the key that was offered is mixed in',
        },
      ],
      scene: (honest) => ({ ...honest, attacker: answeringWith(null) }),
    },
    {
      attack: 'has no key, and goes on with a guess',
      notices: [
        {
          modes: [...BY_BOTH, ...BY_KEY],
          by: 'client',
          code: 'ERR_BAD_RECORD_MAC',
          check: 'the PSK enters the handshake keys (RFC 9846 7.1)',
        },
      ],
      scene: (honest) => ({ ...honest, attacker: answeringWith(randomBytes(48)) }),
    },
  ],
}

/** A key manager that names a true key and gives another. */
const guessing: KeySource = {
  ...QKD.client.source,
  async getKey(peer, options): Promise<QkdKey> {
    return { ...(await QKD.client.source.getKey(peer, options)), key: randomBytes(32) }
  },
}
const inventing = forged(QKD.client.source, { keyId: '00000000-0000-4000-8000-000000000000', key: randomBytes(32) })
const BINDER = 'the binder proves possession of the PSK (RFC 9846 4.3.11.2)'
const UNKNOWN = 'identities are those that the server knows'

export const FALSE_CLIENTS: Family = {
  title: 'False clients',
  rows: [
    asClient(
      'has no certificate',
      () => ({ cert: undefined, key: undefined }),
      MUTUAL,
      'ERR_CERTIFICATE_REQUIRED',
      'a certificate is asked for (RFC 9846 4.5.2)',
    ),
    asClient(
      'has a certificate of its own CA',
      () => identity('client.test', { ca: mallory }),
      MUTUAL,
      'ERR_UNKNOWN_CA',
      PATH,
    ),
    asClient(
      'has an expired certificate, and its key',
      () => identity('client.test', expired),
      MUTUAL,
      'ERR_CERTIFICATE_EXPIRED',
      TIME,
    ),
    asClient(
      'has a certificate for servers',
      () => identity('client.test', { usage: ['server'] }),
      MUTUAL,
      'ERR_UNSUPPORTED_CERTIFICATE',
      USAGE,
    ),
    asClient(
      "shows the client's certificate without having its key",
      () => ({ cert: clientIdentity.cert, key: signingWith(stranger.key), crypto: gullible }),
      MUTUAL,
      'ERR_BAD_CERTIFICATE_VERIFY',
      PROOF,
    ),
    asClient(
      'has a good certificate, but no QKD key',
      () => ({ qkd: undefined }),
      ['certificates both ways + QKD'],
      'ERR_POLICY_QKD_REQUIRED',
      'our policy: no session without a QKD key',
    ),
    {
      attack: 'names a key that was delivered, and has another',
      notices: [
        { modes: BY_BOTH, by: 'server', code: 'ERR_BAD_BINDER_WITH_CERTIFICATE', check: BINDER },
        { modes: ['psk + QKD', 'QKD'], by: 'server', code: 'ERR_BAD_BINDER', check: BINDER },
      ],
      scene: ({ server, client }) => ({
        server,
        client: { ...client, qkd: { ...(client.qkd ?? QKD.client), source: guessing } },
      }),
    },
    asClient(
      'names a key that was never delivered',
      ({ qkd }) => ({ qkd: { ...(qkd ?? QKD.client), source: inventing } }),
      [...BY_BOTH, 'psk + QKD', 'QKD'],
      'ERR_QKD_KEY_NOT_FOUND',
      'the key manager has each key once (ETSI GS QKD 014 5.4)',
    ),
    asClient(
      'has the identity of the auth PSK, and another key',
      () => ({ psk: { identity: psk.identity, key: randomBytes(32) } }),
      ['psk', 'psk + QKD'],
      'ERR_BAD_BINDER',
      BINDER,
    ),
    asClient(
      'has an auth PSK that this server does not know',
      () => ({ psk: { identity: 'branch-66', key: randomBytes(32) } }),
      ['psk', 'psk + QKD'],
      'ERR_UNKNOWN_PSK_IDENTITY',
      UNKNOWN,
    ),
    asClient(
      'has the auth PSK, but no QKD key',
      () => ({ qkd: undefined }),
      ['psk + QKD'],
      'ERR_UNKNOWN_PSK_IDENTITY',
      UNKNOWN,
    ),
    asClient(
      'has a QKD key, but no auth PSK',
      () => ({ psk: undefined }),
      ['psk + QKD'],
      'ERR_UNKNOWN_PSK_IDENTITY',
      UNKNOWN,
    ),
  ],
}
