// Proofs that do not hold, and records that do not open.
import {
  Extension,
  flipped,
  fromHex,
  onHello,
  onMessage,
  onRecord,
  overwritten,
  toHex,
  withExtension,
} from './alter.mjs'
import { authPsk, certificates, makeInputs, qkdPsk, SUITES } from './inputs.mjs'

const [AES256, CHACHA20, AES128] = SUITES
const MessageType = { certificateVerify: 15, finished: 20 }

export function badMessages() {
  return [...badProofs(), ...badRecords()]
}

function badProofs() {
  const bad = (id, from, what, error, substitute, rest) => ({
    id,
    title: `The ${from}: ${what}`,
    refused: { by: from === 'client' ? 'server' : 'client', error },
    alteration: { by: from, what },
    inputs: makeInputs({ id, suite: CHACHA20, group: 'x25519', ...rest }),
    substitute,
  })
  const psk = (id) => ({ psks: [authPsk(id)], server: { pskRequired: 'psk' } })
  const flip = (message) => flipped(message)
  const finished = (from) => onMessage(from, MessageType.finished, flip)
  const verify = (from, edit) => onMessage(from, MessageType.certificateVerify, edit)
  const scheme = (message) => overwritten(message, 4, '0905')
  const both = certificates('mldsa44', { client: true })
  const server = certificates('mldsa44')
  return [
    bad(
      'client-binder-altered',
      'client',
      'binder with one bit changed',
      'ERR_BAD_BINDER',
      onMessage('client', 1, flip),
      { ...psk('client-binder-altered'), client: { cipherSuites: [CHACHA20] } },
    ),
    bad(
      'client-psk-ke-alone',
      'client',
      'psk_ke in place of psk_dhe_ke',
      'ERR_POLICY_PSK_REQUIRED',
      onHello(
        'client',
        withExtension(Extension.pskModes, () => fromHex('0100')),
      ),
      psk('client-psk-ke-alone'),
    ),
    bad(
      'client-finished',
      'client',
      'Finished with one bit changed',
      'ERR_BAD_FINISHED',
      finished('client'),
      psk('client-finished'),
    ),
    bad(
      'server-finished',
      'server',
      'Finished with one bit changed',
      'ERR_BAD_FINISHED',
      finished('server'),
      psk('server-finished'),
    ),
    bad(
      'server-certificate-verify',
      'server',
      'CertificateVerify with one bit changed',
      'ERR_BAD_CERTIFICATE_VERIFY',
      verify('server', flip),
      server,
    ),
    bad(
      'server-signature-scheme',
      'server',
      'CertificateVerify of another scheme than its key has',
      'ERR_ILLEGAL_PARAMETER',
      verify('server', scheme),
      server,
    ),
    bad(
      'client-certificate-verify',
      'client',
      'CertificateVerify with one bit changed',
      'ERR_BAD_CERTIFICATE_VERIFY',
      verify('client', flip),
      both,
    ),
    {
      id: 'client-certificate-missing',
      title: 'The client shows no certificate, where one is required',
      refused: { by: 'server', error: 'ERR_CERTIFICATE_REQUIRED' },
      inputs: makeInputs({
        id: 'client-certificate-missing',
        suite: CHACHA20,
        group: 'x25519',
        client: server.client,
        server: both.server,
      }),
    },
  ]
}

/** Somebody on the wire changes records; both ends keep the rules. */
function badRecords() {
  const bad = (id, by, what, from, nth, edit, suite = AES128) => ({
    id,
    title: `On the wire: ${what}`,
    refused: { by, error: 'ERR_BAD_RECORD_MAC' },
    alteration: { by: 'network', what },
    inputs: makeInputs({ id, suite, group: 'x25519', psks: [qkdPsk(id)], server: { pskRequired: 'qkd' } }),
    onWire: onRecord(from, edit, nth),
  })
  const tag = (record) => toHex(flipped(fromHex(record)))
  const replayed = (_, flow) => flow.findLast(({ from, record }) => from === 'client' && record.startsWith('17')).record
  return [
    bad(
      'record-tag-server-flight',
      'client',
      'the tag of the first protected record of the server',
      'server',
      0,
      tag,
      AES256,
    ),
    bad(
      'record-tag-client-finished',
      'server',
      'the tag of the record with the Finished of the client',
      'client',
      0,
      tag,
      CHACHA20,
    ),
    bad('record-tag-data', 'server', 'the tag of application data', 'client', 1, tag),
    bad(
      'record-header',
      'client',
      'the version in the header, which is authenticated too',
      'server',
      1,
      (record) => `170301${record.slice(6)}`,
    ),
    bad('record-replayed', 'server', 'the record before in place of the next one', 'client', 2, replayed),
  ]
}
