// One handshake of a mode: how each mode makes the two ends.
import {
  authPsk,
  callersPsk,
  certificates,
  combinedPsk,
  HYBRIDS,
  hashOf,
  makeInputs,
  qkdPsk,
  rawPsk,
  SUITES,
} from './inputs.mjs'
import { seeded } from './seeded.mjs'

/** What several modes have in common: certificate and PSK together (RFC 9973). */
export const together = (level, pskRequired, options) => {
  const { client, server } = certificates(level, options)
  return { client: { ...client, withCertificate: true }, server: { ...server, withCertificate: true, pskRequired } }
}

/** How each mode makes the two ends, given the trace's id, its suite and a level of ML-DSA. */
export const MODES = {
  'certificate-qkd': (id, _, level) => ({ psks: [qkdPsk(id)], ...together(level, 'qkd') }),
  certificate: (_, __, level) => certificates(level),
  'psk-qkd': (id, suite) => ({ psks: [combinedPsk(id, hashOf(suite))], server: { pskRequired: 'qkd' } }),
  psk: (id, suite) => ({ psks: [authPsk(id, hashOf(suite))], server: { pskRequired: 'psk' } }),
  qkd: (id, suite) => ({ psks: [qkdPsk(id, hashOf(suite))], server: { pskRequired: 'qkd' } }),
  'raw-psk': (id, suite) => ({ psks: [rawPsk(id, hashOf(suite))], server: { pskRequired: 'psk' } }),
  'raw-psk-certificate': (id, suite, level) => ({ psks: [rawPsk(id, hashOf(suite))], ...together(level, 'psk') }),
  'callers-context': (id, suite) => ({
    psks: [callersPsk(id, hashOf(suite), seeded(`${id}: context`, 24))],
    server: { pskRequired: 'psk' },
  }),
  mutual: (_, __, level) => certificates(level, { client: true }),
  'raw-public-keys': (_, __, level) => ({
    client: { trusts: [`raw server ${level}`], serverCertificateTypes: ['RawPublicKey'] },
    server: { identity: `raw server ${level}`, serverCertificateTypes: ['RawPublicKey'] },
  }),
}

export const TITLES = {
  'certificate-qkd': 'ML-DSA certificate of the server together with a QKD key (RFC 9973, RFC 9258)',
  certificate: 'ML-DSA certificate of the server alone',
  'psk-qkd': 'auth PSK and QKD key in one imported PSK (RFC 9258)',
  psk: 'auth PSK alone, imported (RFC 9258)',
  qkd: 'QKD key alone, imported (RFC 9258)',
  'raw-psk': 'external PSK without importer ("ext binder")',
  'raw-psk-certificate': 'external PSK without importer together with an ML-DSA certificate (RFC 9973)',
  'callers-context': "imported PSK with an importer context of the caller's own (RFC 9258)",
  mutual: 'ML-DSA certificates of both ends',
  'raw-public-keys': 'ML-DSA raw public keys (RFC 7250)',
}

/** For ids. */
export const short = (suite) =>
  suite.includes('CHACHA20') ? 'chacha20' : suite.includes('AES_256') ? 'aes256' : 'aes128'

/** @param more what is different from the plain handshake of the mode; `client` and `server` are added to it */
export function trace(
  mode,
  id,
  { group, suite, title = `${TITLES[mode]}: ${group}, ${suite}`, ...more },
  level = 'mldsa44',
) {
  const plain = MODES[mode](id, suite, level)
  const merged = (end) => ({ ...plain[end], ...more[end] })
  const inputs = makeInputs({ id, suite, group, ...plain, ...more, client: merged('client'), server: merged('server') })
  return { id, title, inputs }
}

export const [X25519MLKEM768, SecP384r1MLKEM1024, SecP256r1MLKEM768] = HYBRIDS
export const [AES256, CHACHA20, AES128] = SUITES
export const cookieKey = (id) => seeded(`${id}: cookie key`, 32)
