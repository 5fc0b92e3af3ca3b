/** What the endpoints of a control are put through, and what the documents promise for it. */
import { allOf } from '../leakSets.js'
import type { Claim } from '../model.js'
import { AUTH_PSK, HYBRID, QKD, sessionClaim } from '../scenarios/claims.js'
import { PLAIN_SETUP, type Setup } from '../scenarios/setup.js'

export interface Specimen {
  /** With X25519MLKEM768 and TLS_AES_256_GCM_SHA384, and certificates, if any, of `SIGNATURES`. */
  readonly setup: Setup
  readonly claim: Claim
}

/** Nothing that is broken here rests on how certificates are signed: the fastest will do. */
export const SIGNATURES = 'ecdsa-p256'

/** Auth PSK and QKD key: one session and its end. */
export const SHORT_SESSION: Setup = {
  ...PLAIN_SETUP,
  certificates: 'none',
  signatures: SIGNATURES,
  psk: 'imported',
  qkd: 'require',
}

const KEYS = allOf(HYBRID, QKD, AUTH_PSK)

/** Auth PSK and QKD key, a KeyUpdate, a ticket, and a session resumed with it. */
export const WHOLE_SESSION: Specimen = {
  setup: { ...SHORT_SESSION, tickets: true, resumes: true, keyUpdate: true },
  claim: sessionClaim({ keys: KEYS, tickets: true, resumedBy: HYBRID, keyUpdate: true }),
}

/** The client offers a share that the server does not take, and is asked for another (RFC 9846 4.2.4). */
export const AFTER_RETRY: Specimen = {
  setup: {
    ...SHORT_SESSION,
    groups: { client: ['SecP256r1MLKEM768', 'X25519MLKEM768'], server: ['X25519MLKEM768'] },
  },
  claim: sessionClaim({ keys: KEYS }),
}

/** Certificates of both ends, with a QKD key (RFC 9973). */
export const MUTUAL_CERTIFICATES: Specimen = {
  setup: { ...PLAIN_SETUP, certificates: 'mutual', signatures: SIGNATURES, qkd: 'require' },
  claim: sessionClaim({ keys: allOf(HYBRID, QKD) }),
}
