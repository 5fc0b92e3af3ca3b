/** What the endpoints of a control are put through, and what the documents promise for it. */
import { allOf } from '../leakSets.js'
import type { Claim } from '../model.js'
import { AUTH_PSK, HYBRID, QKD, sessionClaim } from '../scenarios/claims.js'
import { PLAIN_SETUP, type Setup } from '../scenarios/setup.js'

/** Nobody shows a certificate: nothing that is broken here rests on one. */
const KEYS_ALONE: Setup = {
  ...PLAIN_SETUP,
  certificates: 'none',
  signatures: 'ecdsa-p256',
  psk: 'imported',
  qkd: 'require',
}

/** Auth PSK and QKD key, a KeyUpdate, a ticket, and a session resumed with it. */
export const WHOLE_SESSION: Setup = { ...KEYS_ALONE, tickets: true, resumes: true, keyUpdate: true }

/** Auth PSK and QKD key: one session and its end. */
export const SHORT_SESSION: Setup = KEYS_ALONE

/** For WHOLE_SESSION. */
export const CLAIM: Claim = sessionClaim({
  keys: allOf(HYBRID, QKD, AUTH_PSK),
  tickets: true,
  resumedBy: HYBRID,
  keyUpdate: true,
})
