/** What the endpoints of a control are put through, and what the documents promise for it. */
import type { Claim, LeakName, MinimalLeakSets } from '../model.js'
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

const MLKEM: readonly LeakName[] = ['decapsulationKey', 'encapsulatedSecret']

/** With the key exchange of the session, which takes X25519 and either half of ML-KEM. */
function exchangeAnd(...keys: readonly LeakName[]): MinimalLeakSets {
  return MLKEM.map((mlkem) => ['curve', mlkem, ...keys])
}

const SESSION_KEYS = exchangeAnd('qkdKeys', 'authPsk')
const AFTER_KEY_UPDATE: MinimalLeakSets = [...SESSION_KEYS, ['memory']]
// A resumed session has an exchange of its own, and a PSK that falls with the session before or with its ticket.
const RESUMED: MinimalLeakSets = [...SESSION_KEYS, ...exchangeAnd('ticketKeys'), ...exchangeAnd('sessionStore')]

/** For WHOLE_SESSION. */
export const CLAIM: Claim = {
  request: SESSION_KEYS,
  response: SESSION_KEYS,
  requestAfterKeyUpdate: AFTER_KEY_UPDATE,
  responseAfterKeyUpdate: AFTER_KEY_UPDATE,
  ticket: [...SESSION_KEYS, ['ticketKeys'], ['sessionStore']],
  exporter: SESSION_KEYS,
  resumedRequest: RESUMED,
  resumedResponse: RESUMED,
}
