/** All scenarios of the harness: every mode of the design, and in each what can be different about a session. */
import { allOf } from '../leakSets.js'
import { AUTH_PSK, CLASSICAL, HYBRID, QKD, sessionClaim } from './claims.js'
import { type Scenario, scenario } from './scenario.js'

/** The client offers a share that the server does not take, and is asked for another (RFC 9846 4.2.4). */
const RETRY = { groups: { client: ['SecP384r1MLKEM1024', 'X25519MLKEM768'], server: ['X25519MLKEM768'] } } as const
const GROUP_OF_P384 = { groups: { client: ['SecP384r1MLKEM1024'], server: ['SecP384r1MLKEM1024'] } } as const
const GROUP_OF_P256 = { groups: { client: ['SecP256r1MLKEM768'], server: ['SecP256r1MLKEM768'] } } as const
const NO_MLKEM = { groups: { client: ['x25519'], server: ['x25519'] } } as const
const AES_128 = { cipherSuite: 'TLS_AES_128_GCM_SHA256' } as const
const CHACHA = { cipherSuite: 'TLS_CHACHA20_POLY1305_SHA256' } as const

/** Certificates prove who is there, and are in no key. */
const CERTIFICATE: readonly Scenario[] = [
  scenario('certificate', {
    name: 'certificate',
    setup: { tickets: true },
    claim: sessionClaim({ keys: HYBRID, tickets: true }),
    quick: true,
  }),
  scenario('certificate', {
    name: 'certificate-mutual',
    title: ', mutual',
    setup: { certificates: 'mutual', tickets: true },
    claim: sessionClaim({ keys: HYBRID, tickets: true }),
  }),
  // Both connections rest on exchanges that fall alike, so a ticket key adds nothing.
  scenario('certificate', {
    name: 'certificate-resumed',
    title: ', resumed',
    setup: { tickets: true, resumes: true },
    claim: sessionClaim({ keys: HYBRID, tickets: true, resumedBy: HYBRID }),
    quick: true,
  }),
  scenario('certificate', {
    name: 'certificate-key-update',
    title: ', after KeyUpdate',
    setup: { tickets: true, keyUpdate: true },
    claim: sessionClaim({ keys: HYBRID, tickets: true, keyUpdate: true }),
  }),
  scenario('certificate', {
    name: 'certificate-retry',
    title: ', after HelloRetryRequest',
    setup: RETRY,
    claim: sessionClaim({ keys: HYBRID }),
  }),
  // "With allowClassicalCertificateSignatures …" (SECURITY.md) is about the time of the handshake alone.
  scenario('certificate', {
    name: 'certificate-ecdsa',
    title: ', signed with ECDSA',
    setup: { signatures: 'ecdsa-p256' },
    claim: sessionClaim({ keys: HYBRID }),
  }),
  // The opt-in `allowClassicalKeyExchange`: what every TLS 1.3 server had before ML-KEM.
  scenario('certificate', {
    name: 'certificate-classical',
    title: ', x25519 alone',
    setup: NO_MLKEM,
    claim: sessionClaim({ keys: CLASSICAL }),
  }),
]

/** RFC 9973: the QKD key is the PSK, the certificates authenticate. */
const CERTIFICATE_QKD: readonly Scenario[] = [
  scenario('certificate + QKD', {
    name: 'certificate-qkd',
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
    quick: true,
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-mutual',
    title: ', mutual',
    setup: { certificates: 'mutual' },
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
  // A resumed connection has no QKD key of its own: the resumption PSK stands for it.
  scenario('certificate + QKD', {
    name: 'certificate-qkd-resumed',
    title: ', mutual, resumed',
    setup: { certificates: 'mutual', tickets: true, resumes: true },
    claim: sessionClaim({ keys: allOf(HYBRID, QKD), tickets: true, resumedBy: HYBRID }),
  }),
  // "KeyUpdate adds no entropy" (SECURITY.md), and takes none away.
  scenario('certificate + QKD', {
    name: 'certificate-qkd-key-update',
    title: ', after KeyUpdate',
    setup: { keyUpdate: true },
    claim: sessionClaim({ keys: allOf(HYBRID, QKD), keyUpdate: true }),
    quick: true,
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-retry',
    title: ', after HelloRetryRequest',
    setup: RETRY,
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
  // Policy `prefer` without a key: what is left is a session by certificate, and reported as one.
  scenario('certificate + QKD', {
    name: 'certificate-qkd-fell-back',
    title: ', preferred, key manager down',
    setup: { qkd: 'prefer', keyManagerDown: true, tickets: true },
    claim: sessionClaim({ keys: HYBRID, tickets: true }),
    quick: true,
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-aes-128',
    title: ', AES-128-GCM',
    setup: AES_128,
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-chacha20',
    title: ', ChaCha20-Poly1305',
    setup: CHACHA,
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-p384',
    title: ', SecP384r1MLKEM1024',
    setup: GROUP_OF_P384,
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-p256',
    title: ', SecP256r1MLKEM768',
    setup: GROUP_OF_P256,
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
  scenario('certificate + QKD', {
    name: 'certificate-qkd-classical',
    title: ', x25519 alone',
    setup: NO_MLKEM,
    claim: sessionClaim({ keys: allOf(CLASSICAL, QKD) }),
  }),
]

/** RFC 9258: the auth PSK, or HKDF-Extract(auth PSK, QKD key), enters at the top of the key schedule. */
const PSK: readonly Scenario[] = [
  scenario('PSK', {
    name: 'psk',
    setup: { tickets: true },
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK), tickets: true }),
    quick: true,
  }),
  scenario('PSK', {
    name: 'psk-raw',
    title: ', without importer',
    setup: { psk: 'raw' },
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK) }),
  }),
  scenario('PSK', {
    name: 'psk-resumed',
    title: ', resumed',
    setup: { tickets: true, resumes: true },
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK), tickets: true, resumedBy: HYBRID }),
  }),
  // Both are in the EPSK, so either keeps it.
  scenario('PSK + QKD', {
    name: 'psk-qkd',
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD) }),
    quick: true,
  }),
  scenario('PSK + QKD', {
    name: 'psk-qkd-resumed',
    title: ', resumed',
    setup: { tickets: true, resumes: true },
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD), tickets: true, resumedBy: HYBRID }),
  }),
  scenario('PSK + QKD', {
    name: 'psk-qkd-key-update',
    title: ', after KeyUpdate',
    setup: { keyUpdate: true },
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD), keyUpdate: true }),
  }),
  scenario('PSK + QKD', {
    name: 'psk-qkd-retry',
    title: ', after HelloRetryRequest',
    setup: RETRY,
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD) }),
  }),
  scenario('PSK + QKD', {
    name: 'psk-qkd-aes-128',
    title: ', AES-128-GCM',
    setup: AES_128,
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD) }),
  }),
  scenario('PSK + QKD', {
    name: 'psk-qkd-chacha20',
    title: ', ChaCha20-Poly1305',
    setup: CHACHA,
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD) }),
  }),
  scenario('certificate + PSK', {
    name: 'certificate-psk',
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK) }),
  }),
  scenario('certificate + PSK + QKD', {
    name: 'certificate-psk-qkd',
    claim: sessionClaim({ keys: allOf(HYBRID, AUTH_PSK, QKD) }),
    quick: true,
  }),
]

/** The key managers vouch for both ends. */
const QKD_ALONE: readonly Scenario[] = [
  scenario('QKD', {
    name: 'qkd',
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
    quick: true,
  }),
  // First contact by certificate and QKD key, then by another QKD key alone. One pool gives both.
  scenario('QKD', {
    name: 'qkd-bootstrapped',
    title: ', after first contact by certificate',
    setup: { certificates: 'server', metBefore: true },
    claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
  }),
]

export const SCENARIOS: readonly Scenario[] = [...CERTIFICATE, ...CERTIFICATE_QKD, ...PSK, ...QKD_ALONE]
