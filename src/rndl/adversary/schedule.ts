/**
 * How an endpoint gets from its inputs to its keys, as whoever attacks it knows it. Kerckhoffs: an endpoint that does it
 * otherwise keeps that from nobody, so an endpoint that was broken on purpose is attacked with a schedule of its own.
 */
import { digest, earlySecret, expandLabel, extract, type Hash, handshakeSecret, mainSecret } from './keyDerivation.js'

/** Null: the adversary does not know it. */
export type Known = Buffer | null

/** One component of a key exchange, in the order of the shares. */
export interface ExchangePart {
  readonly component: 'curve' | 'mlkem'
  readonly clientShare: Buffer
  readonly serverShare: Buffer
  /** What breaking the component gave. */
  readonly secret: Known
}

export interface ScheduleInputs {
  readonly hash: Hash
  /** HashLen zeros when the server took none. */
  readonly psk: Known
  /** Whether it is the PSK of a ticket. */
  readonly resumes: boolean
  /** Called when it is needed: it costs the adversary an agreement for each component. */
  readonly shared: () => Known
}

export interface Stages {
  readonly early: Known
  readonly handshake: Known
  readonly main: Known
}

/** Transcript hashes. */
export interface Transcripts {
  /** ClientHello…ServerHello, which everybody has. */
  readonly hellos: Buffer
  /** ClientHello…server Finished: known to whoever opened that flight, since the Finished in it is a secret MAC. */
  readonly throughServer: Known
}

export interface Directions {
  readonly client: Known
  readonly server: Known
}

export interface Schedule {
  /** Shared secret of a key exchange (RFC 10024). */
  readonly combine: (parts: readonly ExchangePart[]) => Known
  /** A seed d ‖ z for an encapsulation key that nobody leaked, where seeds can be guessed. */
  readonly guessSeed: (encapsulationKey: Buffer) => Known
  /** What a key_ID may stand for, given the keys that leaked. */
  readonly qkdKeys: (keyId: string, leaked: ReadonlyMap<string, Uint8Array>) => Iterable<Uint8Array>
  /** EPSK of an auth PSK and a QKD key. */
  readonly epsk: (hash: Hash, authPsk: Uint8Array, qkdKey: Uint8Array) => Buffer
  /** What stands for the identity in the importer (RFC 9258 5.2). */
  readonly importContext: (hash: Hash, identity: Buffer) => Buffer
  /** Ticket keys that need no leak. */
  readonly ticketKeys: readonly Uint8Array[]
  /** RFC 9846 7.1. */
  readonly stages: (inputs: ScheduleInputs) => Stages
  readonly handshakeTraffic: (inputs: ScheduleInputs, stages: Stages, transcripts: Transcripts) => Directions
  readonly applicationTraffic: (inputs: ScheduleInputs, stages: Stages, transcripts: Transcripts) => Directions
  readonly exporter: (inputs: ScheduleInputs, stages: Stages, transcripts: Transcripts) => Known
  /** After a KeyUpdate (RFC 9846 7.2). Asked with null too: what everybody knows afterwards. */
  readonly nextTraffic: (hash: Hash, secret: Known) => Known
  /** RFC 9846 5.3. */
  readonly nonce: (iv: Buffer, sequence: bigint) => Buffer
}

export const STANDARD: Schedule = Object.freeze<Schedule>({
  combine(parts) {
    const secrets = parts.map(({ secret }) => secret)
    return secrets.every((secret) => secret !== null) ? Buffer.concat(secrets) : null
  },
  guessSeed: () => null,
  qkdKeys(keyId, leaked) {
    const key = leaked.get(keyId)
    return key === undefined ? [] : [key]
  },
  epsk: extract,
  importContext: digest,
  ticketKeys: [],
  stages: ({ hash, psk, shared }) =>
    stagesOf(hash, psk === null ? null : earlySecret(hash, psk), psk === null ? null : shared()),
  handshakeTraffic: ({ hash }, { handshake }, { hellos }) => ({
    client: derive(hash, handshake, 'c hs traffic', hellos),
    server: derive(hash, handshake, 's hs traffic', hellos),
  }),
  applicationTraffic: ({ hash }, { main }, { throughServer }) => ({
    client: derive(hash, main, 'c ap traffic', throughServer),
    server: derive(hash, main, 's ap traffic', throughServer),
  }),
  exporter: ({ hash }, { main }, { throughServer }) => derive(hash, main, 'exp master', throughServer),
  nextTraffic: (hash, secret) => derive(hash, secret, 'traffic upd', Buffer.alloc(0)),
  nonce(iv, sequence) {
    const nonce = Buffer.from(iv)
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ sequence, 4)
    return nonce
  },
})

/** The stages of RFC 9846 7.1 from an Early Secret and what the key exchange gave. */
export function stagesOf(hash: Hash, early: Known, shared: Known): Stages {
  const handshake = early === null || shared === null ? null : handshakeSecret(hash, early, shared)
  return { early, handshake, main: handshake === null ? null : mainSecret(hash, handshake) }
}

/** Derive-Secret, as far as its inputs are known. */
export function derive(hash: Hash, secret: Known, label: string, context: Known): Known {
  return secret === null || context === null ? null : expandLabel(hash, secret, label, context)
}
