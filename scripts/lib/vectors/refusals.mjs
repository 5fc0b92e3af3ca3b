// Handshakes that must come to nothing: which end refuses them, and with what alert and error.
import { nodeProvider } from '../../../dist/crypto/index.js'
import { makePsks } from '../../../dist/vectors/own/recompute/psks.js'
import { badExtensions } from './badExtensions.mjs'
import { badMessages } from './badMessages.mjs'
import { badRetries } from './badRetries.mjs'
import { badServers } from './badServers.mjs'
import { badShares } from './badShares.mjs'
import { authPsk, certificates, combinedPsk, hashOf, makeInputs, qkdPsk, rawPsk, SUITES, tickets } from './inputs.mjs'
import { seeded, seededKeyId } from './seeded.mjs'

const [AES256, CHACHA20, AES128] = SUITES

export function refusals() {
  return [
    ...[...badPsks(), ...badNegotiations(), ...badExtensions(), ...badShares()],
    ...[...badRetries(), ...badServers(), ...badMessages()],
  ]
}

/** The two ends do not have the same pre-shared key, or not for the same use. */
function badPsks() {
  const refuse = (id, title, error, { suite = AES256, ...rest }) => ({
    id,
    title,
    refused: { by: 'server', error },
    inputs: makeInputs({ id, suite, group: 'x25519', ...rest }),
  })
  const psk = { server: { pskRequired: 'psk' } }
  const qkd = { server: { pskRequired: 'qkd' } }
  /** Both ends' PSK, and what the server has in its place. */
  const differing = (made, different) => ({ psks: [made], serverPsks: [{ ...made, ...different }] })
  const other = (id, name) => seeded(`${id}: another ${name}`, 32)
  const both = certificates('mldsa44')
  const withCertificate = {
    client: { ...both.client, withCertificate: true },
    server: { ...both.server, withCertificate: true, pskRequired: 'qkd' },
  }
  const wrong = (id, title, error, make, different, rest) =>
    refuse(id, title, error, { ...differing(make(id), different(id)), ...rest })
  const unknown = (id, title, different) => wrong(id, title, 'ERR_UNKNOWN_PSK_IDENTITY', qkdPsk, different, qkd)
  const notThere = (id, title, different) => wrong(id, title, 'ERR_QKD_KEY_NOT_FOUND', qkdPsk, different, qkd)
  return [
    wrong(
      'wrong-auth-psk',
      'Another auth PSK under the same identity',
      'ERR_BAD_BINDER',
      authPsk,
      (id) => ({ authPsk: other(id, 'auth PSK') }),
      psk,
    ),
    wrong(
      'wrong-epsk-hash',
      'The same auth PSK, imported with another hash',
      'ERR_BAD_BINDER',
      authPsk,
      () => ({ epskHash: 'SHA-384' }),
      psk,
    ),
    wrong(
      'wrong-raw-psk',
      'Another external PSK under the same identity',
      'ERR_BAD_BINDER',
      (id) => rawPsk(id, hashOf(AES256)),
      (id) => ({ psk: other(id, 'external PSK') }),
      psk,
    ),
    wrong(
      'wrong-qkd-key',
      'Another QKD key under the same key_ID',
      'ERR_BAD_BINDER',
      qkdPsk,
      (id) => ({ qkdKey: other(id, 'QKD key') }),
      qkd,
    ),
    wrong(
      'wrong-qkd-key-of-two',
      'psk + QKD: the auth PSK is right and the QKD key is not',
      'ERR_BAD_BINDER',
      combinedPsk,
      (id) => ({ qkdKey: other(id, 'QKD key') }),
      qkd,
    ),
    wrong(
      'wrong-auth-psk-of-two',
      'psk + QKD: the QKD key is right and the auth PSK is not',
      'ERR_BAD_BINDER',
      combinedPsk,
      (id) => ({ authPsk: other(id, 'auth PSK') }),
      qkd,
    ),
    wrong(
      'wrong-qkd-key-with-certificate',
      'certificate + QKD: another QKD key (RFC 9973 5.1)',
      'ERR_BAD_BINDER_WITH_CERTIFICATE',
      qkdPsk,
      (id) => ({ qkdKey: other(id, 'QKD key') }),
      withCertificate,
    ),
    wrongLabel(refuse),
    wrongTicket(refuse),
    notThere('unknown-key-id', 'A key_ID that the server knows no key of', (id) => ({
      keyId: seededKeyId(`${id}: another key_ID`),
    })),
    notThere('unknown-key-id-case', 'The key_ID in capitals: key_IDs are compared octet for octet', (id) => ({
      keyId: qkdPsk(id).keyId.toUpperCase(),
    })),
    unknown('reflected-roles', 'The server is itself the initiator that the context names (Selfie)', () => ({
      initiatorSaeId: 'sae-bob',
      responderSaeId: 'sae-alice',
    })),
    unknown('foreign-initiator', 'The key of another pair of SAEs', () => ({ initiatorSaeId: 'sae-carol' })),
    unknown('foreign-key-source', 'A key of another key source', () => ({ keySourceName: 'skip' })),
    unknown('wrong-kind', 'A QKD key by itself, where psk + QKD is expected', (id) => ({
      kind: 'psk+qkd',
      authPsk: other(id, 'auth PSK'),
      authPskIdentity: 'branch-17',
    })),
    wrong(
      'unknown-psk-identity',
      'An auth PSK that the server does not know',
      'ERR_UNKNOWN_PSK_IDENTITY',
      authPsk,
      () => ({ authPskIdentity: 'branch-18' }),
      psk,
    ),
    refuse(
      'no-key-where-required',
      'A certificate alone, where the server requires a QKD key',
      'ERR_POLICY_QKD_REQUIRED',
      { serverPsks: [qkdPsk('no-key-where-required')], client: both.client, server: withCertificate.server },
    ),
    refuse('no-psk-where-required', 'A certificate alone, where the server requires a PSK', 'ERR_POLICY_PSK_REQUIRED', {
      serverPsks: [authPsk('no-psk-where-required')],
      client: both.client,
      server: { pskRequired: 'psk' },
    }),
    refuse(
      'qkd-key-without-certificate',
      'A QKD key alone, where the server takes one with its certificate only',
      'ERR_POLICY_QKD_REQUIRED',
      { psks: [qkdPsk('qkd-key-without-certificate')], server: withCertificate.server },
    ),
  ]
}

/** The PSK and the identity of the importer, used as if they had been provisioned as they are. */
function wrongLabel(refuse) {
  const id = 'wrong-binder-label'
  const imported = authPsk(id)
  const [{ identity, psk }] = makePsks(nodeProvider, [imported], ['SHA-384'])
  const external = { type: 'external', hash: 'SHA-384', identity, psk }
  return refuse(id, 'An imported PSK with the binder label of an external one ("ext binder")', 'ERR_BAD_BINDER', {
    psks: [external],
    serverPsks: [imported],
    server: { pskRequired: 'psk' },
  })
}

function wrongTicket(refuse) {
  const id = 'wrong-ticket-psk'
  const [{ ticket, ageAdd }] = tickets(id, 1)
  const common = { type: 'resumption', hash: 'SHA-256', identity: ticket }
  const made = { ...common, psk: seeded(`${id}: PSK`, 32) }
  return refuse(id, 'A ticket with another PSK than the server gave it for', 'ERR_BAD_BINDER', {
    suite: AES128,
    psks: [{ ...made, ticketAgeAdd: ageAdd, ticketAge: 1000 }],
    serverPsks: [{ ...made, psk: seeded(`${id}: another PSK`, 32) }],
    client: { tickets: true },
  })
}

/** The two ends have nothing in common. */
function badNegotiations() {
  const plain = certificates('mldsa44')
  const refuse = (id, title, error, group, end = {}) => ({
    id,
    title,
    refused: { by: 'server', error },
    inputs: makeInputs({
      id,
      suite: CHACHA20,
      group,
      client: { ...plain.client, ...end.client },
      server: { ...plain.server, ...end.server },
    }),
  })
  return [
    refuse('no-common-suite', 'No cipher suite in common', 'ERR_NO_COMMON_CIPHER_SUITE', 'x25519', {
      client: { cipherSuites: [AES256] },
    }),
    refuse(
      'no-common-group',
      'A client without hybrid groups, a server without others',
      'ERR_NO_COMMON_GROUP',
      'x25519',
      {
        client: { groups: ['x25519'] },
        server: { groups: ['X25519MLKEM768'] },
      },
    ),
    refuse(
      'no-common-scheme',
      'A certificate of ML-DSA-44, which the client does not take',
      'ERR_NO_COMMON_SIGNATURE_SCHEME',
      'x25519',
      {
        client: { signatureSchemes: ['mldsa87'] },
      },
    ),
  ]
}
