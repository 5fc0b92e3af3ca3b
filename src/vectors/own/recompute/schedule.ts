/** The key schedule of RFC 9846 section 7.1 and what hangs from it, stage by stage as the messages come. */
import { EMPTY, toHex } from '../../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { Exporter, Hex, Role } from '../trace.js'
import type { Ticket } from './hellos.js'
import { Hkdf } from './hkdf.js'
import { type TrafficKeys, trafficKeys } from './records.js'

/** RFC 9850. */
const KEY_LOG_LABELS = {
  clientHandshakeTrafficSecret: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  serverHandshakeTrafficSecret: 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  clientApplicationTrafficSecret: 'CLIENT_TRAFFIC_SECRET_0',
  serverApplicationTrafficSecret: 'SERVER_TRAFFIC_SECRET_0',
  exporterMasterSecret: 'EXPORTER_SECRET',
} as const

export class Schedule {
  readonly suite: CipherSuiteName
  readonly hkdf: Hkdf
  /** Every secret so far, by its name in the files. */
  readonly secrets: Record<string, Hex> = {}
  readonly trafficKeys: Record<string, TrafficKeys> = {}
  readonly finished: Record<string, { finishedKey: Hex; transcriptHash: Hex; verifyData: Hex }> = {}
  readonly #crypto: CryptoProvider
  readonly #traffic: Record<Role, Uint8Array> = { client: EMPTY, server: EMPTY }
  #master: Uint8Array = EMPTY
  #exporter: Uint8Array = EMPTY
  #resumption: Uint8Array = EMPTY

  constructor(crypto: CryptoProvider, suite: CipherSuiteName) {
    this.#crypto = crypto
    this.suite = suite
    this.hkdf = new Hkdf(crypto, CIPHER_SUITES[suite].hash)
  }

  /** Early and Handshake Secret, with what is derived from them up to the handshake traffic keys. */
  enterHandshake(psk: Uint8Array | null, sharedSecret: Uint8Array, helloHash: Uint8Array, hash: Uint8Array): void {
    const { hkdf, secrets } = this
    const early = hkdf.extract(hkdf.zeros, psk ?? hkdf.zeros)
    secrets['earlySecret'] = toHex(early)
    if (psk !== null) {
      secrets['clientEarlyTrafficSecret'] = toHex(hkdf.derive(early, 'c e traffic', helloHash))
      secrets['earlyExporterMasterSecret'] = toHex(hkdf.derive(early, 'e exp master', helloHash))
    }
    const salt = hkdf.derive(early, 'derived', hkdf.digest())
    secrets['earlyDerivedSecret'] = toHex(salt)
    const handshake = hkdf.extract(salt, sharedSecret)
    secrets['handshakeSecret'] = toHex(handshake)
    this.#enter('client', 'Handshake', hkdf.derive(handshake, 'c hs traffic', hash))
    this.#enter('server', 'Handshake', hkdf.derive(handshake, 's hs traffic', hash))
    const masterSalt = hkdf.derive(handshake, 'derived', hkdf.digest())
    secrets['handshakeDerivedSecret'] = toHex(masterSalt)
    this.#master = hkdf.extract(masterSalt, hkdf.zeros)
    secrets['masterSecret'] = toHex(this.#master)
  }

  /** The Finished of one end: must come before `enterApplication` of the same direction. */
  finish(role: Role, transcriptHash: Uint8Array): Uint8Array {
    const finishedKey = this.hkdf.finishedKey(this.#traffic[role])
    const verifyData = this.hkdf.hmac(finishedKey, transcriptHash)
    this.finished[`${role}Finished`] = {
      finishedKey: toHex(finishedKey),
      transcriptHash: toHex(transcriptHash),
      verifyData: toHex(verifyData),
    }
    return verifyData
  }

  /** @param hash through the server's Finished */
  makeApplicationSecrets(hash: Uint8Array): { client: Uint8Array; server: Uint8Array } {
    const { hkdf, secrets } = this
    const client = hkdf.derive(this.#master, 'c ap traffic', hash)
    const server = hkdf.derive(this.#master, 's ap traffic', hash)
    secrets['clientApplicationTrafficSecret'] = toHex(client)
    secrets['serverApplicationTrafficSecret'] = toHex(server)
    this.#exporter = hkdf.derive(this.#master, 'exp master', hash)
    secrets['exporterMasterSecret'] = toHex(this.#exporter)
    this.trafficKeys['clientApplication'] = trafficKeys(this.#crypto, this.suite, client)
    this.trafficKeys['serverApplication'] = trafficKeys(this.#crypto, this.suite, server)
    return { client, server }
  }

  /** @param hash through the client's Finished */
  makeResumptionSecret(hash: Uint8Array): void {
    this.#resumption = this.hkdf.derive(this.#master, 'res master', hash)
    this.secrets['resumptionMasterSecret'] = toHex(this.#resumption)
  }

  enterApplication(role: Role, secret: Uint8Array): void {
    this.#traffic[role] = secret
  }

  /** KeyUpdate (RFC 9846 section 7.2). */
  update(role: Role, generation: number): TrafficKeys {
    const { hkdf } = this
    const next = hkdf.expandLabel(this.#traffic[role], 'traffic upd', EMPTY, hkdf.length)
    this.#enter(role, 'Application', next, String(generation))
    return this.trafficKeys[`${role}Application${generation}`] as TrafficKeys
  }

  ticketPsk({ nonce }: Ticket): Hex {
    return toHex(this.hkdf.expandLabel(this.#resumption, 'resumption', nonce, this.hkdf.length))
  }

  /** TLS-Exporter (RFC 9846 section 7.5). */
  export({ label, context, length }: { label: string; context: Uint8Array; length: number }): Exporter {
    const { hkdf } = this
    const derived = hkdf.derive(this.#exporter, label, hkdf.digest())
    const value = hkdf.expandLabel(derived, 'exporter', hkdf.digest(context), length)
    return { label, context: toHex(context), length, value: toHex(value) }
  }

  keyLog(clientRandom: Hex): string[] {
    return Object.entries(KEY_LOG_LABELS).flatMap(([name, label]) => {
      const secret = this.secrets[name]
      return secret === undefined ? [] : [`${label} ${clientRandom} ${secret}`]
    })
  }

  #enter(role: Role, stage: 'Handshake' | 'Application', secret: Uint8Array, generation = ''): void {
    this.#traffic[role] = secret
    this.secrets[`${role}${stage}TrafficSecret${generation}`] = toHex(secret)
    this.trafficKeys[`${role}${stage}${generation}`] = trafficKeys(this.#crypto, this.suite, secret)
  }
}
