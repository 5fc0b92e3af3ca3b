/**
 * The words of the harness: what can fall, what is protected, what a recorded run consists of. Octets that travel
 * between processes or into a report are lower-case hex.
 */
import type { Protection } from '../node/protection.js'
import type { Leaks, TapedConnection } from './adversary/index.js'
import type { Trace } from './trace/trace.js'

/** What an adversary may be handed, in the order of the reports. */
export const LEAK_NAMES = [
  'curve',
  'decapsulationKey',
  'encapsulatedSecret',
  'qkdKeys',
  'deliveryLink',
  'authPsk',
  'ticketKeys',
  'sessionStore',
  'memory',
  'signingKeys',
  'caKeys',
] as const

/**
 * - `curve`: ephemeral private keys of X25519, P-256 or P-384, as a quantum computer finds them
 * - `decapsulationKey`, `encapsulatedSecret`: ML-KEM broken at the client's key, or at the server's ciphertext
 * - `qkdKeys`: the pool of a key manager
 * - `deliveryLink`: the taped links on which the keys were delivered, their own key exchange fallen
 * - `authPsk`: the auth PSK
 * - `ticketKeys`: the keys under which a server seals its tickets
 * - `sessionStore`: the resumption PSKs that a client keeps
 * - `memory`: the traffic secrets in one endpoint's memory at the end of the session
 * - `signingKeys`, `caKeys`: private signing keys of both ends, and of the CA
 */
export type LeakName = (typeof LEAK_NAMES)[number]

/** Things on the tape that must stay closed, in the order of the reports. */
export const PROTECTED_THINGS = [
  'serverCertificate',
  'clientCertificate',
  'request',
  'response',
  'requestAfterKeyUpdate',
  'responseAfterKeyUpdate',
  'ticket',
  'exporter',
  'resumedRequest',
  'resumedResponse',
] as const

export type ProtectedThingName = (typeof PROTECTED_THINGS)[number]

/** One thing that a run protected. */
export interface ProtectedThing {
  readonly name: ProtectedThingName
  /** Name of the taped connection it passed on. */
  readonly connection: string
  /**
   * The octets that an adversary must not have, hex: a phrase that was sent, a DER certificate, the resumption PSK of a
   * ticket, exported keying material.
   */
  readonly octets: string
}

/** Sets of leaks that open something. Any one will do, none has a needless member; an empty list: nothing opens it. */
export type MinimalLeakSets = readonly (readonly LeakName[])[]

/** What a leak is worth in one run. */
export interface LeakedValues {
  readonly leak: LeakName
  /** What the adversary is handed. Merged over those of the other leaks of a subset. */
  readonly values: Partial<Leaks>
  /** The secret octets in it, hex: the leaves of the derivation graph. */
  readonly octets: readonly string[]
}

/** One run of a scenario, with all that is known of it. */
export interface RecordedRun {
  readonly scenario: string
  /** The tapes of all its connections: sessions, and delivery links. */
  readonly tape: readonly TapedConnection[]
  /** What both endpoints computed. */
  readonly trace: Trace
  /** Leaks that are worth something in this run. */
  readonly leaks: readonly LeakedValues[]
  readonly things: readonly ProtectedThing[]
  /** What the client reports of each of its sessions, in their order. */
  readonly protections?: readonly Protection[]
  /** Lines of RFC 9850 for the sessions on the tape: for tools that show what was in them. No adversary gets them. */
  readonly keyLog?: string
}

/** What the documents promise for one thing: written by hand, and held against the graph and against the adversary. */
export type Claim = Readonly<Partial<Record<ProtectedThingName, MinimalLeakSets>>>
