// Servers that a client must refuse: in their hello, in their policy, and in their proof of who they are.
import { addExtension, Extension, fromHex, onHello, withExtension } from './alter.mjs'
import { authPsk, certificates, makeInputs, qkdPsk, SUITES } from './inputs.mjs'

const [AES256, CHACHA20] = SUITES

export function badServers() {
  return [...omissions(), ...badHellos(), ...badCertificates()]
}

/** RFC 9973 lets a server leave out either half in silence: a client that requires it says no. */
function omissions() {
  const both = certificates('mldsa44')
  const refuse = (id, title, error, rest) => ({
    id,
    title,
    refused: { by: 'client', error },
    inputs: makeInputs({ id, suite: AES256, group: 'x25519', psks: [qkdPsk(id)], ...rest }),
  })
  const client = { ...both.client, withCertificate: true }
  return [
    refuse(
      'server-omits-qkd-key',
      'certificate + QKD is required, and the server takes no PSK',
      'ERR_POLICY_PSK_NOT_MIXED',
      {
        serverPsks: [],
        client,
        server: both.server,
      },
    ),
    refuse(
      'server-omits-certificate',
      'certificate + QKD is required, and the server shows no certificate',
      'ERR_POLICY_CERTIFICATE_MISSING',
      {
        client,
        server: { pskRequired: 'qkd' },
      },
    ),
  ]
}

function badHellos() {
  const bad = (id, what, error, edit, { nth = 0, type = 2, ...options } = {}) => ({
    id,
    title: `Server: ${what}`,
    refused: { by: 'client', error },
    alteration: { by: 'server', what },
    inputs: makeInputs({
      id,
      suite: AES256,
      group: 'x25519',
      psks: [authPsk(id)],
      server: { pskRequired: 'psk' },
      ...options,
    }),
    substitute: onHello('server', edit, nth, type),
  })
  const illegal = (id, what, edit, options) => bad(id, what, 'ERR_ILLEGAL_PARAMETER', edit, options)
  const suite = (codePoint) => (hello) => ({ ...hello, cipherSuite: codePoint })
  const selected = (hex) => withExtension(Extension.preSharedKey, () => fromHex(hex))
  return [
    bad(
      'server-tls12',
      'ServerHello without supported_versions: TLS 1.2',
      'ERR_PROTOCOL_VERSION',
      withExtension(Extension.supportedVersions, () => null),
    ),
    illegal(
      'server-version',
      'supported_versions with TLS 1.2',
      withExtension(Extension.supportedVersions, () => fromHex('0303')),
    ),
    illegal('server-suite-not-offered', 'a suite that the client does not offer', suite(0x1301), {
      client: { cipherSuites: [AES256, CHACHA20] },
    }),
    illegal('server-session-id', 'another session id than the client sent', (hello) => ({
      ...hello,
      sessionId: hello.sessionId.map((octet) => octet ^ 1),
    })),
    illegal('server-identity-out-of-range', 'selected_identity beyond those offered', selected('0007')),
    illegal(
      'server-identity-of-other-hash',
      'selected_identity of a PSK with the hash of another suite',
      selected('0001'),
    ),
    illegal(
      'server-psk-without-share',
      'pre_shared_key without key_share: psk_ke, which was not offered',
      withExtension(Extension.keyShare, () => null),
    ),
    bad(
      'server-psk-omitted',
      'ServerHello without pre_shared_key',
      'ERR_POLICY_PSK_NOT_MIXED',
      withExtension(Extension.preSharedKey, () => null),
    ),
    bad(
      'server-unasked-extension',
      'EncryptedExtensions with an extension that was not offered',
      'ERR_UNSUPPORTED_EXTENSION',
      addExtension(16, fromHex('0003026832')),
      { type: 8 },
    ),
    illegal(
      'server-misplaced-extension',
      'EncryptedExtensions with key_share',
      addExtension(Extension.keyShare, fromHex('001d')),
      { type: 8 },
    ),
  ]
}

/** Judged as PROTOCOL.md says; nothing is altered on the way. */
function badCertificates() {
  const refuse = (id, title, error, { by = 'client', client, server }) => ({
    id,
    title,
    refused: { by, error },
    inputs: makeInputs({ id, suite: CHACHA20, group: 'x25519', client, server }),
  })
  const trusting = (trusts, serverName = 'server.example') => ({ trusts: [trusts], serverName })
  const showing = (identity) => ({ identity })
  const raw = { serverCertificateTypes: ['RawPublicKey'] }
  return [
    refuse('certificate-signature', 'A certificate whose signature does not verify', 'ERR_CERTIFICATE_SIGNATURE', {
      client: trusting('root'),
      server: showing('forged server mldsa44'),
    }),
    refuse('certificate-unknown-ca', 'A certificate of an authority that the client does not know', 'ERR_UNKNOWN_CA', {
      client: trusting('other root'),
      server: showing('server mldsa44'),
    }),
    refuse('certificate-name', 'A certificate for another name', 'ERR_CERTIFICATE_NAME_MISMATCH', {
      client: trusting('root', 'other.example'),
      server: showing('server mldsa44'),
    }),
    refuse('raw-key-not-pinned', 'A raw public key that the client has not pinned', 'ERR_UNTRUSTED_KEY', {
      client: { ...raw, trusts: ['raw client mldsa44'] },
      server: { ...raw, identity: 'raw server mldsa44' },
    }),
    refuse(
      'certificate-type',
      'A certificate, where the client takes raw public keys alone',
      'ERR_UNSUPPORTED_CERTIFICATE',
      { by: 'server', client: { ...raw, trusts: ['raw server mldsa44'] }, server: showing('server mldsa44') },
    ),
  ]
}
