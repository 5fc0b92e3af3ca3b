// What each file has besides the plain handshakes of its mode: retries, KeyUpdates, other hellos, sizes and spellings.
import { authPsk, callersPsk, combinedPsk, NAMES, qkdPsk, SUITES, updates } from './inputs.mjs'
import {
  AES128,
  AES256,
  CHACHA20,
  cookieKey,
  SecP256r1MLKEM768,
  SecP384r1MLKEM1024,
  short,
  together,
  trace,
  X25519MLKEM768,
} from './modeTraces.mjs'
import { seeded } from './seeded.mjs'

/** Functions, by mode; below. */
export const further = (mode) => (FURTHER[mode] ?? []).map((make) => make())

/** A retry for another group, with or without a cookie. */
const retry = (mode, group, suite, cookie) => () => {
  const id = `${mode}-retry${cookie ? '-cookie' : ''}`
  const title = `HelloRetryRequest for another group, ${cookie ? 'with a cookie' : 'without a cookie'}`
  const firstGroup = group === X25519MLKEM768 ? SecP256r1MLKEM768 : X25519MLKEM768
  return trace(mode, id, { title, group, suite, firstGroup, server: cookie ? { cookieKey: cookieKey(id) } : {} })
}

const bareCookie = (mode) => () => {
  const id = `${mode}-bare-cookie`
  const title = 'HelloRetryRequest with a cookie and the group that the client has chosen already'
  const server = { cookieKey: cookieKey(id), alwaysRetry: true }
  return trace(mode, id, { title, group: X25519MLKEM768, suite: AES256, server })
}

const keyUpdate = (mode, suite) => () => {
  const id = `${mode}-key-update-${short(suite)}`
  const title = 'KeyUpdate: asked of both ends by the client, then of itself by the server'
  return trace(mode, id, { title, group: X25519MLKEM768, suite, actions: updates(id) })
}

/** Without session id and change_cipher_spec, with reserved values (RFC 8701), application protocols and a second share. */
const wordy = (mode) => () => {
  const id = `${mode}-wordy-hello`
  return trace(mode, id, {
    title: 'No middlebox compatibility; reserved values, application protocols, two key shares',
    group: SecP256r1MLKEM768,
    suite: AES128,
    client: {
      sessionId: '',
      grease: seeded(`${id}: reserved values`, 8),
      keyShareGroups: [X25519MLKEM768, SecP256r1MLKEM768],
      applicationProtocols: ['h2', 'http/1.1'],
    },
    server: { applicationProtocols: ['http/1.1'] },
  })
}

const smallRecords = () => {
  const id = 'certificate-small-records'
  const title = 'record_size_limit: messages in several records (RFC 8449)'
  const limits = { recordSizeLimit: 1024 }
  return trace('certificate', id, { title, group: X25519MLKEM768, suite: CHACHA20, client: limits, server: limits })
}

const withNames = () => {
  const id = 'psk-with-names'
  const title = 'auth PSK that is bound to the names of its two ends'
  return trace('psk', id, { title, group: X25519MLKEM768, suite: AES256, psks: [authPsk(id, 'SHA-384', NAMES)] })
}

/** Sizes and spellings of keys and names, and an EPSK whose hash is not that of the suite. */
const spelled = (id, title, suite, epskHash, different) => () =>
  trace('qkd', id, { title, group: 'x25519', suite, psks: [{ ...qkdPsk(id, epskHash), ...different(id) }] })

const spellings = [
  spelled('qkd-key-128-bits', 'A QKD key of 128 bits', AES256, 'SHA-384', (id) => ({
    qkdKey: seeded(`${id}: QKD key`, 16),
  })),
  spelled('qkd-key-512-bits', 'A QKD key of 512 bits', CHACHA20, 'SHA-256', (id) => ({
    qkdKey: seeded(`${id}: QKD key`, 64),
  })),
  spelled('qkd-names-in-utf8', 'key_ID and names that are neither UUIDs nor ASCII', AES128, 'SHA-256', () => ({
    keyId: 'clé-Ω/7+==',
    keySourceName: 'Schlüssel',
    initiatorSaeId: 'Zürich',
    responderSaeId: '東京',
  })),
  spelled('qkd-epsk-sha384', 'An EPSK for SHA-384, imported for a suite of SHA-256', AES128, 'SHA-384', () => ({})),
]

/** Under `prefer` a QKD key and an auth PSK are offered; the server has the latter alone. */
const severalPsks = () => {
  const id = 'psk-qkd-several'
  const psks = [combinedPsk(id, 'SHA-256'), authPsk(id, 'SHA-256')]
  const title = 'Four identities, of which the server takes the last: it has no QKD key'
  const server = { pskRequired: 'psk' }
  return trace('psk-qkd', id, {
    title,
    group: X25519MLKEM768,
    suite: CHACHA20,
    psks,
    serverPsks: psks.slice(1),
    server,
  })
}

const emptyContext = () => {
  const id = 'callers-context-empty'
  const psks = [callersPsk(id, 'SHA-256', '')]
  return trace('callers-context', id, {
    title: 'An importer context of no octets',
    group: X25519MLKEM768,
    suite: AES256,
    psks,
  })
}

const contextWithCertificate = () => {
  const id = 'callers-context-certificate'
  const title = "An importer context of the caller's own, with a certificate (RFC 9973)"
  const psks = [callersPsk(id, 'SHA-384', seeded(`${id}: context`, 24))]
  return trace('callers-context', id, {
    title,
    group: X25519MLKEM768,
    suite: AES128,
    psks,
    ...together('mldsa44', 'psk'),
  })
}

const mutualWithQkd = () => {
  const id = 'mutual-qkd'
  const title = 'Certificates of both ends and a QKD key (RFC 9973)'
  const psks = [qkdPsk(id)]
  const { client, server } = together('mldsa44', 'qkd', { client: true })
  const more = { client: { ...client, pskRequired: true }, server }
  return trace('mutual', id, { title, group: X25519MLKEM768, suite: AES256, psks, ...more })
}

const noClientCertificate = () => {
  const id = 'mutual-none-shown'
  const title = 'A client certificate is asked for, and none is shown'
  const more = { client: { identity: undefined }, server: { clientCertificate: 'request' } }
  return trace('mutual', id, { title, group: X25519MLKEM768, suite: AES256, ...more })
}

const mutualRawKeys = () => {
  const id = 'raw-public-keys-mutual-qkd'
  const types = { serverCertificateTypes: ['RawPublicKey'], clientCertificateTypes: ['RawPublicKey'] }
  const [client, server] = ['raw client mldsa44', 'raw server mldsa44']
  const both = { ...types, withCertificate: true }
  return trace('raw-public-keys', id, {
    title: 'Raw public keys of both ends and a QKD key (RFC 7250, RFC 9973)',
    group: X25519MLKEM768,
    suite: AES256,
    psks: [qkdPsk(id)],
    client: { ...both, identity: client, trusts: [server], pskRequired: true },
    server: { ...both, identity: server, trusts: [client], clientCertificate: 'require', pskRequired: 'qkd' },
  })
}

const FURTHER = {
  'certificate-qkd': [
    retry('certificate-qkd', SecP384r1MLKEM1024, AES256, true),
    retry('certificate-qkd', X25519MLKEM768, AES128, false),
    bareCookie('certificate-qkd'),
    keyUpdate('certificate-qkd', AES256),
    wordy('certificate-qkd'),
  ],
  certificate: [retry('certificate', X25519MLKEM768, AES128, true), smallRecords],
  'psk-qkd': [
    retry('psk-qkd', SecP384r1MLKEM1024, AES256, true),
    retry('psk-qkd', X25519MLKEM768, AES128, false),
    bareCookie('psk-qkd'),
    ...SUITES.map((suite) => keyUpdate('psk-qkd', suite)),
    wordy('psk-qkd'),
    severalPsks,
  ],
  psk: [retry('psk', SecP256r1MLKEM768, CHACHA20, true), withNames],
  qkd: [retry('qkd', X25519MLKEM768, AES128, true), ...spellings],
  'raw-psk': [retry('raw-psk', X25519MLKEM768, AES256, true)],
  'raw-psk-certificate': [retry('raw-psk-certificate', X25519MLKEM768, AES128, true)],
  'callers-context': [retry('callers-context', X25519MLKEM768, AES256, true), emptyContext, contextWithCertificate],
  mutual: [mutualWithQkd, noClientCertificate],
  'raw-public-keys': [mutualRawKeys],
}
