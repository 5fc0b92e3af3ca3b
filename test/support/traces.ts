/**
 * Recorded handshakes from the folder of known-answer files, in one form whatever their source: RFC 8448, our own
 * recordings against OpenSSL 3.5, and public captures. Octets stay hex here; `hex` turns them into octets.
 */
import { concat, fromHex } from '../../src/bytes.js'
import type { CipherSuiteName, CryptoProvider, HashAlgorithm, NamedGroupName } from '../../src/crypto/index.js'
import type { BinderLabel } from '../../src/tls/index.js'
import { HandshakeType, type HandshakeTypeName } from '../../src/tls/wire/codePoints.js'
import { loadVectors } from './vectors.js'

export type Role = 'client' | 'server'
export type Epoch = 'plaintext' | 'early' | 'handshake' | 'application' | 'application1'

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
}

export interface RecordedFinished {
  readonly finishedKey: string
  readonly verifyData: string
}

export interface RecordedBinder {
  /** Absent in RFC 8448, whose only binder is that of a resumption. */
  readonly label?: BinderLabel
  readonly binderHash: string
  readonly binderKey: string
  readonly finishedKey: string
  readonly binder: string
}

export type TrafficKeyName = `${Role}${'Early' | 'Handshake' | 'Application'}`

/** What a handshake that came to its end has. */
export interface RecordedSecrets {
  readonly sharedSecret: string
  readonly mlkemSharedSecret?: string
  readonly earlySecret: string
  readonly clientEarlyTrafficSecret?: string
  readonly earlyExporterMasterSecret?: string
  readonly handshakeSecret: string
  readonly clientHandshakeTrafficSecret: string
  readonly serverHandshakeTrafficSecret: string
  readonly masterSecret: string
  readonly clientApplicationTrafficSecret: string
  readonly serverApplicationTrafficSecret: string
  /** After a KeyUpdate. */
  readonly clientApplicationTrafficSecret1?: string
  readonly serverApplicationTrafficSecret1?: string
  readonly exporterMasterSecret: string
  readonly resumptionMasterSecret: string
  /** Of the first ticket. */
  readonly resumptionPsk?: string
  readonly clientFinished: RecordedFinished
  readonly serverFinished: RecordedFinished
  readonly trafficKeys: { readonly [Name in TrafficKeyName]?: { readonly key: string; readonly iv: string } }
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

export interface Trace<Values extends RecordedValues = RecordedValues> {
  readonly id: string
  readonly title: string
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
  readonly keylog?: readonly string[]
  /** RFC 8448: the document step by step. */
  readonly steps?: readonly {
    readonly role: Role
    readonly action: string
    readonly fields?: { readonly [label: string]: string }
  }[]
}

export type CompletedTrace = Trace<RecordedValues & RecordedSecrets>

/** An ML-DSA identity of the OpenSSL recordings. */
export interface Identity {
  readonly seed: string
  /** DER. */
  readonly certificate: string
}

interface TraceFile {
  readonly traces: readonly Trace[]
  readonly identities?: { readonly [level: string]: Identity }
}

const file = (folder: string) => loadVectors<TraceFile>(`${folder}/traces.json`)

export const rfc8448Traces = (): readonly Trace[] => file('rfc8448').traces
export const opensslTraces = (): readonly Trace[] => file('openssl35').traces
export const publicTraces = (): readonly Trace[] => file('public-traces').traces
export const opensslIdentities = (): readonly Identity[] => Object.values(file('openssl35').identities ?? {})

/** All of them; 32 when the folder is whole. */
export const allTraces = (): readonly Trace[] => [...rfc8448Traces(), ...opensslTraces(), ...publicTraces()]

export function isCompleted(trace: Trace): trace is CompletedTrace {
  return 'sharedSecret' in trace.values
}

/** Octets of randomness for the provider: ML-KEM first, as in the share (RFC 10024). */
export function seedOf(pair: RecordedKeyPair): Uint8Array {
  const mlkem = pair.mlkemSeed ?? pair.mlkemEncapsulationRandomness ?? ''
  return concat(fromHex(mlkem), fromHex(pair.x25519PrivateKey ?? pair.privateKey ?? ''))
}

export interface RecordedMessage {
  readonly from: Role
  readonly type: HandshakeTypeName
  /** Header and body. */
  readonly bytes: Uint8Array
  readonly body: Uint8Array
}

const TYPE_NAMES = new Map<number, HandshakeTypeName>(
  Object.entries(HandshakeType).map(([name, code]) => [code, name as HandshakeTypeName]),
)

/** The handshake messages in the order in which they were whole on the wire, cut without help of the code under test. */
export function messagesOf(trace: Trace): RecordedMessage[] {
  const messages: RecordedMessage[] = []
  const pending = { client: new Uint8Array(0), server: new Uint8Array(0) }
  for (const { from, contentType, payload } of trace.flow) {
    if (contentType !== 'handshake') continue
    let rest = concat(pending[from], fromHex(payload))
    for (let end = messageEnd(rest); end !== null; end = messageEnd(rest)) {
      const bytes = rest.slice(0, end)
      const type = TYPE_NAMES.get(bytes[0] as number)
      if (type === undefined) throw new Error(`${trace.id} has a handshake message of type ${bytes[0]}`)
      messages.push({ from, type, bytes, body: bytes.slice(4) })
      rest = rest.slice(end)
    }
    pending[from] = new Uint8Array(rest)
  }
  return messages
}

function messageEnd(octets: Uint8Array): number | null {
  const [, high, middle, low] = octets
  if (high === undefined || middle === undefined || low === undefined) return null
  const end = 4 + ((high << 16) | (middle << 8) | low)
  return octets.length < end ? null : end
}

/** The traffic secret that protects what `from` sends in an epoch. */
export function trafficSecretOf(trace: CompletedTrace, from: Role, epoch: Epoch): Uint8Array {
  const { values } = trace
  const secrets: { readonly [key: string]: string | undefined } = {
    'client early': values.clientEarlyTrafficSecret,
    'client handshake': values.clientHandshakeTrafficSecret,
    'server handshake': values.serverHandshakeTrafficSecret,
    'client application': values.clientApplicationTrafficSecret,
    'server application': values.serverApplicationTrafficSecret,
    'client application1': values.clientApplicationTrafficSecret1,
    'server application1': values.serverApplicationTrafficSecret1,
  }
  const secret = secrets[`${from} ${epoch}`]
  if (secret === undefined) throw new Error(`${trace.id} has no ${epoch} traffic secret of the ${from}`)
  return fromHex(secret)
}

/**
 * Transcript-Hash of messages (RFC 9846 4.5.1), independent of the class under test: with two ClientHellos, the first
 * is stood for by its hash in a message_hash message.
 */
export function transcriptHashOf(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  messages: readonly RecordedMessage[],
): Uint8Array {
  const [first, ...rest] = messages.map(({ bytes }) => bytes)
  if (first === undefined) return crypto.hash(hash, concat())
  const retried = messages.filter(({ type }) => type === 'client_hello').length > 1
  if (!retried) return crypto.hash(hash, concat(first, ...rest))
  const firstHash = crypto.hash(hash, first)
  const header = Uint8Array.of(HandshakeType.message_hash, 0, 0, firstHash.length)
  return crypto.hash(hash, concat(header, firstHash, ...rest))
}
