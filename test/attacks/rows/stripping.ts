/**
 * Downgrade: a hello loses or changes what makes the session strong. The hellos pass in clear, but both are in the
 * transcript from which the handshake keys come, and with a PSK the ClientHello is under the binder before that.
 */
import { NAMED_GROUPS } from '../../../src/crypto/groups.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import type { PskOption } from '../../../src/index.js'
import { createCertificateAuthority } from '../../../src/pki/index.js'
import { encodeApplicationProtocols } from '../../../src/tls/extensions/applicationProtocols.js'
import { encodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import { encodeServerKeyShare } from '../../../src/tls/extensions/keyShare.js'
import { encodeRecordSizeLimit } from '../../../src/tls/extensions/scalars.js'
import { encodeServerName } from '../../../src/tls/extensions/serverName.js'
import type { ClientHello } from '../../../src/tls/messages/clientHello.js'
import type { ServerHello } from '../../../src/tls/messages/serverHello.js'
import { ca, identity, psk, serverIdentity } from '../../modes/identities.js'
import { having, without } from '../../support/hellos.js'
import { clientHello, serverHello, together } from '../editing.js'
import type { Family, Notice, Row } from '../row.js'
import { BY_BOTH, BY_KEY, HELLO_MODES } from '../settings.js'
import { groupList, noticed, onTheLine, ownShare, rearrangingPsks, TRANSCRIPT, UNDER_BINDER } from './hellos.js'

type EditClient = (hello: ClientHello) => ClientHello
type EditServer = (hello: ServerHello) => ServerHello

const hello = (attack: string, edit: EditClient, ...notices: readonly Notice[]): Row => {
  return onTheLine(attack, clientHello(edit), ...notices)
}
const answer = (attack: string, edit: EditServer, ...notices: readonly Notice[]): Row => {
  return onTheLine(attack, serverHello(edit), ...notices)
}

const schemes = (...codePoints: readonly number[]) => encodeCodePoints(2, codePoints)
const MLDSA44 = 0x0904
const WITH_CERTIFICATE = ['certificate', ...BY_BOTH] as const

/** Both ends can do worse than they do, which is what the attacker is after. */
const other: PskOption = { identity: 'branch-18', key: Buffer.alloc(32, 18) }

const classicalCa = createCertificateAuthority({ commonName: 'Old CA', algorithm: 'ecdsa-p256', crypto: nodeProvider })
const classical = identity('127.0.0.1', { ca: classicalCa, algorithm: 'ecdsa-p256' })
const CLASSICAL_TOO = { cert: [serverIdentity.cert, classical.cert], key: [serverIdentity.key, classical.key] }

export const STRIPPING: Family = {
  title: 'Downgrade by what a hello says',
  adapt: ({ mode, server, client }) => {
    const weaker = {
      policy: { allowClassicalKeyExchange: true, allowClassicalAuthentication: true },
      ALPNProtocols: ['h2', 'http/1.1'],
      recordSizeLimit: 4096,
    }
    const several = client.psk === undefined ? {} : { psk: [psk, other] }
    const classicalToo =
      server.cert === undefined ? [{}, {}] : [CLASSICAL_TOO, { ca: [ca, classicalCa.certificatePem] }]
    return {
      mode,
      server: { ...server, ...weaker, ...several, ...classicalToo[0] },
      client: { ...client, ...weaker, ...several, ...classicalToo[1] },
    }
  },
  rows: [
    onTheLine(
      'takes the hybrid groups and shares away, so that X25519 is left',
      together(
        clientHello((h) => having(having(h, 'supported_groups', groupList('x25519')), 'key_share', [0, 0])),
        clientHello((h) => having(h, 'supported_groups', groupList('x25519')), 1),
      ),
    ),
    hello(
      'takes the hybrid groups away and leaves their shares',
      (h) => having(h, 'supported_groups', groupList('x25519')),
      noticed('server', 'ERR_ILLEGAL_PARAMETER', 'shares are for groups that are offered (RFC 9846 4.3.8)'),
    ),
    hello("puts a key share of its own in place of the client's", (h) =>
      having(h, 'key_share', ownShare('X25519MLKEM768')),
    ),
    answer("puts a key share of its own in place of the server's", (h) => having(h, 'key_share', ownAnswer()), {
      ...TRANSCRIPT,
      modes: HELLO_MODES,
    }),
    hello('leaves the weakest suite alone', (h) => ({ ...h, cipherSuites: [0x1301] })),
    answer(
      'turns the chosen suite into another one that was offered',
      (h) => ({ ...h, cipherSuite: 0x1303 }),
      TRANSCRIPT,
      noticed('client', 'ERR_ILLEGAL_PARAMETER', 'suite and PSK have one hash (RFC 9846 4.3.11)', [
        ...BY_BOTH,
        ...BY_KEY,
      ]),
    ),
    hello(
      'leaves one signature algorithm, the weakest',
      (h) => having(h, 'signature_algorithms', schemes(MLDSA44)),
      TRANSCRIPT,
      ...UNDER_BINDER.slice(0, 1),
    ),
    hello(
      'leaves no post-quantum signature algorithm to a client that takes classical ones too, as the server has both',
      (h) => having(h, 'signature_algorithms', schemes(0x0403, 0x0807, 0x0804)),
      TRANSCRIPT,
      ...UNDER_BINDER.slice(0, 1),
    ),
    hello(
      'leaves signature algorithms that the server has no certificate for',
      (h) => having(h, 'signature_algorithms', schemes(0x0807, 0x0804)),
      noticed(
        'server',
        'ERR_NO_COMMON_SIGNATURE_SCHEME',
        'the chain is one that the client can verify (RFC 9846 4.3.3)',
        WITH_CERTIFICATE,
      ),
    ),
    hello(
      'takes signature_algorithms away',
      (h) => without(h, 'signature_algorithms'),
      noticed('server', 'ERR_MISSING_EXTENSION', 'signature_algorithms is there (RFC 9846 9.2)', WITH_CERTIFICATE),
    ),
    hello(
      'takes supported_versions away: TLS 1.2',
      (h) => without(h, 'supported_versions'),
      noticed('server', 'ERR_PROTOCOL_VERSION', 'TLS 1.3 alone is spoken (RFC 9846 4.3.1)'),
    ),
    hello(
      'offers TLS 1.2 and 1.1 in supported_versions',
      (h) => having(h, 'supported_versions', [4, 3, 3, 3, 2]),
      noticed('server', 'ERR_PROTOCOL_VERSION', 'TLS 1.3 alone is spoken (RFC 9846 4.3.1)'),
    ),
    answer(
      'answers with TLS 1.2 and the sentinel of a server that knows better',
      (h) => ({ ...without(h, 'supported_versions'), random: sentinel(h.random) }),
      noticed('client', 'ERR_PROTOCOL_VERSION', 'TLS 1.3 alone is spoken (RFC 9846 4.3.1)'),
    ),
    answer(
      'answers with TLS 1.2 and without the sentinel',
      (h) => without(h, 'supported_versions'),
      noticed('client', 'ERR_PROTOCOL_VERSION', 'TLS 1.3 alone is spoken (RFC 9846 4.3.1)'),
    ),
    hello('takes ALPN away', (h) => without(h, 'application_layer_protocol_negotiation')),
    hello('leaves one application protocol, the older', (h) =>
      having(h, 'application_layer_protocol_negotiation', encodeApplicationProtocols(['http/1.1'])),
    ),
    hello('takes record_size_limit away', (h) => without(h, 'record_size_limit')),
    hello('lowers record_size_limit to 64 octets', (h) => having(h, 'record_size_limit', encodeRecordSizeLimit(64))),
    hello('asks for another server name', (h) => having(h, 'server_name', encodeServerName('elsewhere.test'))),
    hello("changes the client's random", (h) => ({ ...h, random: h.random.with(0, (h.random[0] as number) ^ 1) })),
    answer("changes the server's random", (h) => ({ ...h, random: h.random.with(0, (h.random[0] as number) ^ 1) }), {
      ...TRANSCRIPT,
      modes: HELLO_MODES,
    }),
    hello(
      'takes tls_cert_with_extern_psk away, so that no certificate is shown',
      (h) => without(h, 'tls_cert_with_extern_psk'),
      noticed('server', 'ERR_POLICY_QKD_REQUIRED', 'a server with certificates takes no key without them', BY_BOTH),
    ),
    answer(
      'takes tls_cert_with_extern_psk out of the answer',
      (h) => without(h, 'tls_cert_with_extern_psk'),
      noticed('client', 'ERR_POLICY_CERTIFICATE_MISSING', 'our policy: certificate and key together', BY_BOTH),
    ),
    hello(
      'takes pre_shared_key away',
      (h) => without(h, 'pre_shared_key', 'tls_cert_with_extern_psk'),
      noticed('server', 'ERR_POLICY_QKD_REQUIRED', 'our policy: no session without a QKD key', BY_BOTH),
      noticed('server', 'ERR_MISSING_EXTENSION', 'a hello offers PSKs or signature_algorithms (RFC 9846 9.2)', BY_KEY),
    ),
    answer(
      'takes pre_shared_key out of the answer',
      (h) => without(h, 'pre_shared_key', 'tls_cert_with_extern_psk'),
      noticed('client', 'ERR_POLICY_PSK_NOT_MIXED', 'our policy: the key that was offered is mixed in', [
        ...BY_BOTH,
        ...BY_KEY,
      ]),
    ),
    hello(
      'puts the identities of PSKs in another order',
      (h) => rearrangingPsks(h, (all) => [...all.keys()].reverse()),
      ...UNDER_BINDER,
    ),
    hello(
      'takes the first identity away',
      (h) => rearrangingPsks(h, (all) => [...all.keys()].slice(1)),
      ...UNDER_BINDER,
    ),
    hello(
      'asks for a PSK without a key exchange (psk_ke)',
      (h) => having(h, 'psk_key_exchange_modes', [1, 0]),
      noticed('server', 'ERR_ILLEGAL_PARAMETER', 'tls_cert_with_extern_psk goes with psk_dhe_ke (RFC 9973 5)', BY_BOTH),
      noticed('server', 'ERR_POLICY_QKD_REQUIRED', 'psk_dhe_ke alone is spoken (RFC 9846 4.3.9)', ['psk + QKD', 'QKD']),
      noticed('server', 'ERR_POLICY_PSK_REQUIRED', 'psk_dhe_ke alone is spoken (RFC 9846 4.3.9)', ['psk']),
    ),
    answer(
      'takes the key share out of an answer with a PSK',
      (h) => without(h, 'key_share'),
      noticed('client', 'ERR_ILLEGAL_PARAMETER', 'psk_dhe_ke alone is spoken (RFC 9846 4.3.9)', [
        ...BY_BOTH,
        ...BY_KEY,
      ]),
    ),
  ],
}

/** Made for a key of the attacker's, as he cannot answer the client's without its hello; to the client it is any other. */
function ownAnswer(): Uint8Array {
  const { publicShare } = nodeProvider.generateKeyShare('X25519MLKEM768')
  const { serverShare } = nodeProvider.respondToKeyShare('X25519MLKEM768', publicShare)
  return encodeServerKeyShare({ group: NAMED_GROUPS.X25519MLKEM768.codePoint, keyExchange: serverShare })
}

/** RFC 9846 4.2.3: what a server of TLS 1.3 puts into the random of an older version. */
function sentinel(random: Uint8Array): Uint8Array {
  return Uint8Array.from([...random.subarray(0, 24), ...Buffer.from('DOWNGRD\x01', 'latin1')])
}
