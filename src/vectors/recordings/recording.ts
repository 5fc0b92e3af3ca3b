/**
 * Recorded handshakes with their private keys, in one form whatever their source: the traces of RFC 8448, recordings against
 * OpenSSL, public captures. Octets stay hex, in lower case.
 */
import { concat, fromHex } from '../../bytes.js'
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { BinderLabel } from '../../tls/keySchedule.js'
import { isObject, type JsonObject, listOf, objectsIn } from '../check/fields.js'

export type Role = 'client' | 'server'
/** "application1" is behind the first KeyUpdate of its sender. */
export type Epoch = 'plaintext' | 'early' | 'handshake' | 'application' | `application${number}`

/** The private half of a key share, under the names of its file. */
export interface RecordedKeyPair {
  readonly group: NamedGroupName
  readonly publicKey: string
  readonly privateKey?: string
  /** Hybrid, client: d ‖ z. */
  readonly mlkemSeed?: string
  /** Hybrid, server: m. */
  readonly mlkemEncapsulationRandomness?: string
  readonly x25519PrivateKey?: string
  readonly secp256r1PrivateKey?: string
  readonly secp384r1PrivateKey?: string
}

export interface RecordedFinished {
  readonly finishedKey: string
  readonly verifyData: string
}

export interface RecordedBinder {
  /** Absent in RFC 8448, whose only binder is that of a resumption. */
  readonly label?: BinderLabel
  readonly binderHash?: string
  readonly binderKey?: string
  readonly finishedKey?: string
  readonly binder: string
}

export type TrafficKeyName = `${Role}${'Early' | 'Handshake' | 'Application'}`

/** What a handshake that came to its end has; a file may leave out what can be derived. */
export interface RecordedSecrets {
  readonly sharedSecret: string
  readonly mlkemSharedSecret?: string
  readonly x25519SharedSecret?: string
  readonly earlySecret?: string
  readonly clientEarlyTrafficSecret?: string
  readonly earlyExporterMasterSecret?: string
  readonly handshakeSecret?: string
  readonly clientHandshakeTrafficSecret: string
  readonly serverHandshakeTrafficSecret: string
  readonly masterSecret?: string
  readonly clientApplicationTrafficSecret: string
  readonly serverApplicationTrafficSecret: string
  /** After a KeyUpdate. */
  readonly clientApplicationTrafficSecret1?: string
  readonly serverApplicationTrafficSecret1?: string
  readonly exporterMasterSecret: string
  readonly resumptionMasterSecret?: string
  /** Of the first ticket. */
  readonly resumptionPsk?: string
  readonly clientFinished?: RecordedFinished
  readonly serverFinished?: RecordedFinished
  readonly trafficKeys?: { readonly [Name in TrafficKeyName]?: { readonly key: string; readonly iv: string } }
}

export interface RecordedValues {
  readonly cipherSuite: CipherSuiteName
  readonly hash: HashAlgorithm
  readonly clientKeyPairs?: readonly RecordedKeyPair[]
  readonly serverKeyPairs?: readonly RecordedKeyPair[]
  readonly clientShare?: string
  readonly serverShare?: string
  readonly psk?: string
  readonly pskIdentity?: string
  readonly pskObfuscatedTicketAge?: number
  readonly pskAccepted?: boolean
  /** What an imported PSK was made of (RFC 9258). */
  readonly epsk?: string
  readonly epskHash?: HashAlgorithm
  readonly externalIdentity?: string
  readonly context?: string
  readonly binder?: RecordedBinder
  readonly serverSigningKeySeed?: string
  readonly clientSigningKeySeed?: string
  /** Code points in hex. */
  readonly serverSignatureScheme?: string
  readonly clientSignatureScheme?: string
}

export interface RecordedRecord {
  readonly from: Role
  /** Of the inner plaintext. */
  readonly contentType: 'handshake' | 'change_cipher_spec' | 'alert' | 'application_data'
  readonly epoch: Epoch
  /** Record sequence number; absent in plaintext. */
  readonly seq?: number
  readonly messageTypes?: readonly number[]
  /** The inner plaintext without its type. */
  readonly payload: string
  readonly record: string
}

/** RFC 8448: the document step by step. */
export interface RecordedStep {
  readonly role: Role
  readonly action: string
  readonly fields?: { readonly [label: string]: string }
}

/** An ML-DSA identity that the recorded side may have shown. */
export interface RecordedIdentity {
  readonly seed: string
  /** DER. */
  readonly certificate: string
}

export interface Recording<Values extends RecordedValues = RecordedValues> {
  readonly id: string
  readonly title?: string
  /** Whose private keys the recording has; absent when it has both. */
  readonly role?: Role
  readonly values: Values
  readonly flow: readonly RecordedRecord[]
  readonly messages?: readonly { readonly from: Role; readonly type: string; readonly message: string }[]
  readonly exporter?: {
    readonly label: string
    readonly context: string
    readonly length: number
    readonly value: string
  }
  /** In the format of NSS. */
  readonly keylog?: readonly string[]
  readonly steps?: readonly RecordedStep[]
  /** Those of the whole file. */
  readonly identities: readonly RecordedIdentity[]
}

export type CompletedRecording = Recording<RecordedValues & RecordedSecrets>

export function isCompleted(recording: Recording): recording is CompletedRecording {
  return 'sharedSecret' in recording.values
}

/** A document with a list of recordings: each has a flow of records, and values. */
export function holdsRecordings(document: unknown): document is JsonObject {
  if (!isObject(document)) return false
  // Trefoil's own traces look alike, say what they are, and have a format that asks more of them.
  const { format, traces } = document
  return !(typeof format === 'string' && /^trefoil/i.test(format)) && objectsIn(traces).some(isRecording)
}

/** @throws Error when the document is malformed */
export function recordingsIn(document: JsonObject): readonly Recording[] {
  const { identities } = document
  const shared = isObject(identities) ? Object.values(identities) : objectsIn(identities)
  return listOf(document, 'traces').flatMap((trace, index) => {
    // What a field holds is found out by whoever takes it.
    const recording = lowerCaseHex(trace) as Recording
    return isRecording(trace)
      ? [{ ...recording, ...named(trace, index), identities: lowerCaseHex(shared) as RecordedIdentity[] }]
      : []
  })
}

/** The traces of a document that are no recordings: without records, or without values. */
export function othersIn(document: JsonObject): readonly { readonly id: string }[] {
  return listOf(document, 'traces').flatMap((trace, index) => (isRecording(trace) ? [] : [named(trace, index)]))
}

function named({ id }: JsonObject, index: number): { readonly id: string } {
  return { id: typeof id === 'string' ? id : `trace ${index + 1}` }
}

/** Octets of randomness for the provider, in the order of the share (RFC 10024): ML-KEM first, but for the NIST curves. */
export function seedOf(pair: RecordedKeyPair): Uint8Array {
  const mlkem = fromHex(pair.mlkemSeed ?? pair.mlkemEncapsulationRandomness ?? '')
  const { x25519PrivateKey, secp256r1PrivateKey, secp384r1PrivateKey, privateKey } = pair
  const scalar = fromHex(x25519PrivateKey ?? secp256r1PrivateKey ?? secp384r1PrivateKey ?? privateKey ?? '')
  return NAMED_GROUPS[pair.group]?.mlkemFirst === false ? concat(scalar, mlkem) : concat(mlkem, scalar)
}

function isRecording({ values, flow }: JsonObject): boolean {
  if (!isObject(values) || typeof values['cipherSuite'] !== 'string' || typeof values['hash'] !== 'string') return false
  const records = objectsIn(flow)
  return records.length > 0 && records.every((record) => 'from' in record && 'record' in record && 'payload' in record)
}

/** Every string that is hex through and through, however deep. */
function lowerCaseHex(value: unknown): unknown {
  if (typeof value === 'string') return /^(?:[0-9a-fA-F]{2})+$/.test(value) ? value.toLowerCase() : value
  if (Array.isArray(value)) return value.map(lowerCaseHex)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, lowerCaseHex(part)]))
}
