/**
 * Honest messages put before the wrong end: back to their sender (reflection), to another peer (rerouting), or under
 * another name (unknown key share, identity misbinding).
 */

import type { ConnectionOptions, ExternalSigner, ServerOptions } from '../../../src/index.js'
import { clientIdentity, identity, psk, serverIdentity } from '../../modes/identities.js'
import { gullible, keepingProofs } from '../attackersEnds.js'
import { confront } from '../confront.js'
import { isClientHello, isProtected, on } from '../editing.js'
import { underOtherName } from '../misbinding.js'
import type { Family } from '../row.js'
import { BY_BOTH, BY_CERTIFICATE, EVERY_MODE, MUTUAL, QKD } from '../settings.js'

const NAME = 'the name asked for stands in the certificate (RFC 9525 6)'
const CONTEXT = 'the context names both SAEs and their roles (PROTOCOL.md, RFC 9258)'
const PROOF = 'CertificateVerify signs the whole transcript, the certificate in it (RFC 9846 4.5.3)'

export const REFLECTION: Family = {
  title: 'Reflection',
  rows: [
    {
      attack: 'sends a ClientHello back to the client',
      notices: [
        {
          modes: EVERY_MODE,
          by: 'client',
          code: 'ERR_UNEXPECTED_MESSAGE',
          check: 'each message has its direction (RFC 9846 4)',
        },
      ],
      scene: (honest) => ({
        ...honest,
        attacker: on(isClientHello, ({ record }, line) => {
          line.toClient(record)
          return null
        }),
      }),
    },
    {
      attack: "sends the server's protected records back to the server",
      notices: [
        {
          modes: EVERY_MODE,
          by: 'server',
          code: 'ERR_BAD_RECORD_MAC',
          check: 'each direction has its keys (RFC 9846 7.3)',
        },
      ],
      scene: (honest) => ({
        ...honest,
        attacker: () => (passing, line) => {
          if (passing.from === 'client' || !isProtected(passing)) return isProtected(passing) ? null : passing.record
          line.toServer(passing.record)
          return null
        },
      }),
    },
    {
      attack: "sends the client's protected records back to the client",
      notices: [
        {
          modes: EVERY_MODE,
          by: 'client',
          code: 'ERR_BAD_RECORD_MAC',
          check: 'each direction has its keys (RFC 9846 7.3)',
        },
      ],
      scene: (honest) => ({
        ...honest,
        attacker: () => (passing, line) => {
          if (passing.from === 'server' || !isProtected(passing)) return passing.record
          line.toClient(passing.record)
          return null
        },
      }),
    },
    {
      attack: 'leads a client to the server of its own host, with the certificate of that host (Selfie)',
      notices: [
        { modes: ['certificates both ways'], by: 'client', code: 'ERR_CERTIFICATE_NAME_MISMATCH', check: NAME },
      ],
      scene: ({ server, client }) => ({ client, server: { ...server, ...clientIdentity } }),
    },
    {
      attack: 'leads a client to the server of its own host, with the QKD link of that host (Selfie)',
      notices: [
        { modes: BY_BOTH, by: 'server', code: 'ERR_POLICY_QKD_REQUIRED', check: CONTEXT },
        { modes: ['psk + QKD', 'QKD'], by: 'server', code: 'ERR_UNKNOWN_PSK_IDENTITY', check: CONTEXT },
      ],
      scene: ({ server, client }) => ({ client, server: { ...server, qkd: QKD.aliceServes } }),
    },
    {
      attack: 'leads a client to the server of its own host, which has another PSK for each role (Selfie)',
      notices: [
        {
          modes: ['psk'],
          by: 'server',
          code: 'ERR_UNKNOWN_PSK_IDENTITY',
          check: 'a PSK has one client and one server (RFC 9257 4.1)',
        },
      ],
      scene: ({ client }) => ({
        client,
        server: { psk: { identity: 'branch-17 as server', key: Buffer.alloc(32, 17) } },
      }),
    },
  ],
}

/** The client wants one server and gets another, who is honest and is trusted too. */
const reroute = (elsewhere: (server: ServerOptions) => ServerOptions) => {
  return ({ server, client }: { server: ServerOptions; client: ConnectionOptions }) => ({
    client,
    server: elsewhere(server),
  })
}

export const REROUTING: Family = {
  title: 'Rerouting',
  rows: [
    {
      attack: 'leads a client to another server with a certificate of the same CA',
      notices: [{ modes: BY_CERTIFICATE, by: 'client', code: 'ERR_CERTIFICATE_NAME_MISMATCH', check: NAME }],
      scene: reroute((server) => ({ ...server, ...identity('elsewhere.test') })),
    },
    {
      attack: 'leads a client to another server that has a QKD link with it',
      notices: [
        { modes: BY_BOTH, by: 'server', code: 'ERR_POLICY_QKD_REQUIRED', check: CONTEXT },
        { modes: ['QKD'], by: 'server', code: 'ERR_UNKNOWN_PSK_IDENTITY', check: CONTEXT },
      ],
      scene: reroute((server) => ({ ...server, qkd: QKD.carolServes })),
    },
    {
      attack: 'leads a client to another server that has a QKD link with it and the same auth PSK',
      notices: [{ modes: ['psk + QKD'], by: 'server', code: 'ERR_UNKNOWN_PSK_IDENTITY', check: CONTEXT }],
      scene: reroute((server) => ({ ...server, qkd: QKD.carolServes })),
    },
    {
      attack: 'leads a client to the holder of another PSK',
      notices: [
        {
          modes: ['psk', 'psk + QKD'],
          by: 'server',
          code: 'ERR_UNKNOWN_PSK_IDENTITY',
          check: 'identities are those that the server knows',
        },
      ],
      scene: reroute((server) => ({ ...server, psk: { identity: 'branch-18', key: Buffer.alloc(32, 18) } })),
    },
    {
      attack: 'leads a client to the holder of another PSK of the same identity',
      notices: [
        {
          modes: ['psk', 'psk + QKD'],
          by: 'server',
          code: 'ERR_BAD_BINDER',
          check: 'the binder proves possession of the PSK (RFC 9846 4.3.11.2)',
        },
      ],
      scene: reroute((server) => ({ ...server, psk: { identity: psk.identity, key: Buffer.alloc(32, 18) } })),
    },
  ],
}

/** Mallory had the keys of both certified under her own name. */
const misbound = {
  server: underOtherName('mallory.test', serverIdentity),
  client: underOtherName('mallory', clientIdentity),
}

export const UNKNOWN_KEY_SHARE: Family = {
  title: 'Unknown key share',
  rows: [
    {
      attack: 'is whom the client wants, and passes everything on to the server',
      notices: [
        { modes: [...BY_CERTIFICATE, ...BY_BOTH], by: 'client', code: 'ERR_CERTIFICATE_NAME_MISMATCH', check: NAME },
      ],
      scene: ({ server, client }) => ({ server, client: { ...client, servername: 'mallory.test' } }),
    },
    {
      attack:
        "is whom the client wants, with a certificate for the server's key, and has the server sign in a handshake of its own",
      notices: [
        { modes: [...BY_CERTIFICATE, ...BY_BOTH], by: 'client', code: 'ERR_BAD_CERTIFICATE_VERIFY', check: PROOF },
      ],
      scene: ({ server, client }) => {
        const { crypto, proofs } = keepingProofs()
        const key: ExternalSigner = {
          async sign() {
            await confront({ server, client: { ...client, crypto } })
            return proofs[0]?.signature as Uint8Array
          },
        }
        return {
          client: { ...client, servername: 'mallory.test' },
          server: { ...server, cert: misbound.server, key, crypto: gullible },
        }
      },
    },
    {
      attack: "has a certificate for the client's key, and has the client sign in a handshake of its own",
      notices: [{ modes: MUTUAL, by: 'server', code: 'ERR_BAD_CERTIFICATE_VERIFY', check: PROOF }],
      scene: ({ server, client }) => {
        const { crypto, proofs } = keepingProofs()
        const key: ExternalSigner = {
          async sign() {
            await confront({ server: { ...server, crypto }, client })
            return proofs[0]?.signature as Uint8Array
          },
        }
        return { server, client: { ...client, cert: misbound.client, key, crypto: gullible } }
      },
    },
  ],
}
