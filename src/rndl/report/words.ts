/** What leaks and protected things are called in front of people. */
import { LEAK_NAMES, type LeakName, type ProtectedThingName } from '../model.js'

export interface LeakWords {
  readonly name: string
  /** What has to happen for the adversary to have it. */
  readonly means: string
}

export const LEAKS: Readonly<Record<LeakName, LeakWords>> = {
  curve: {
    name: 'curve',
    means: 'a quantum computer finds the ephemeral private keys of X25519, P-256 or P-384',
  },
  decapsulationKey: { name: 'ML-KEM key', means: "ML-KEM falls: the client's decapsulation key is found" },
  encapsulatedSecret: { name: 'ML-KEM secret', means: "ML-KEM falls: the secret in the server's ciphertext is found" },
  qkdKeys: { name: 'QKD keys', means: 'a key manager gives up its pool' },
  deliveryLink: {
    name: 'delivery link',
    means: 'the TLS to the key managers was taped too, and its key exchange falls',
  },
  authPsk: { name: 'auth PSK', means: 'the pre-shared key of client and server is stolen' },
  ticketKeys: { name: 'ticket keys', means: 'the keys under which the server seals its tickets are stolen' },
  sessionStore: { name: 'session store', means: 'the resumption PSKs that a client keeps are stolen' },
  memory: { name: 'endpoint memory', means: "one endpoint's memory is read when the session is about to end" },
  signingKeys: { name: 'signing keys', means: "later, signatures fall: both ends' private keys are found" },
  caKeys: { name: 'CA keys', means: "later, signatures fall: the CA's private key is found" },
}

export interface ThingWords {
  readonly name: string
  /** Heading of its column, at most 3 characters, and of the columns it stands with. */
  readonly column: string
  readonly group: string
}

export const THINGS: Readonly<Record<ProtectedThingName, ThingWords>> = {
  serverCertificate: { name: 'server certificate', column: 'srv', group: 'crt' },
  clientCertificate: { name: 'client certificate', column: 'cli', group: 'crt' },
  request: { name: 'request', column: 'req', group: 'data' },
  response: { name: 'response', column: 'rsp', group: 'data' },
  requestAfterKeyUpdate: { name: 'request after KeyUpdate', column: 'req', group: 'key upd' },
  responseAfterKeyUpdate: { name: 'response after KeyUpdate', column: 'rsp', group: 'key upd' },
  ticket: { name: 'ticket', column: 'tkt', group: '' },
  exporter: { name: 'exporter value', column: 'exp', group: '' },
  resumedRequest: { name: 'resumed request', column: 'req', group: 'resumed' },
  resumedResponse: { name: 'resumed response', column: 'rsp', group: 'resumed' },
}

/** `curve, QKD keys`, with another word before the last if given; `nothing` for no leak at all. */
export function listLeaks(leaks: readonly LeakName[], beforeLast = ', '): string {
  const names = leaks.map((leak) => LEAKS[leak].name)
  const last = names.pop()
  if (last === undefined) return 'nothing'
  return names.length === 0 ? last : `${names.join(', ')}${beforeLast}${last}`
}

export function byLeakOrder(a: LeakName, b: LeakName): number {
  return LEAK_NAMES.indexOf(a) - LEAK_NAMES.indexOf(b)
}

/** Whole numbers with a comma every three digits. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `1 cell`, `2 cells`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
