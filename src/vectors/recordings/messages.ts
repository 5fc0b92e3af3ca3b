/** The handshake messages of a recording, cut without help of the code under test. */
import { concat, EMPTY, fromHex } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { nextTrafficSecret } from '../../tls/keySchedule.js'
import { HandshakeType, type HandshakeTypeName } from '../../tls/wire/codePoints.js'
import type { CompletedRecording, Epoch, Recording, Role } from './recording.js'

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

/** Every check of a recording asks for them. */
const known = new WeakMap<Recording, readonly RecordedMessage[]>()

/** In the order in which they were whole on the wire. */
export function messagesOf(recording: Recording): readonly RecordedMessage[] {
  const messages = known.get(recording) ?? cut(recording)
  known.set(recording, messages)
  return messages
}

function cut({ id, flow }: Recording): readonly RecordedMessage[] {
  const messages: RecordedMessage[] = []
  const pending = { client: EMPTY, server: EMPTY }
  for (const { from, contentType, payload } of flow) {
    if (contentType !== 'handshake') continue
    let rest = concat(pending[from], fromHex(payload))
    for (let end = messageEnd(rest); end !== null; end = messageEnd(rest)) {
      const bytes = rest.slice(0, end)
      const type = TYPE_NAMES.get(bytes[0] as number)
      if (type === undefined) throw new Error(`${id} has a handshake message of type ${bytes[0]}`)
      messages.push({ from, type, bytes, body: bytes.slice(4) })
      rest = rest.slice(end)
    }
    pending[from] = rest
  }
  return messages
}

/** The first such message. @throws Error when there is none */
export function messageOf(recording: Recording, from: Role, type: HandshakeTypeName): RecordedMessage {
  const message = messagesOf(recording).find((candidate) => candidate.from === from && candidate.type === type)
  if (message === undefined) throw new Error(`${recording.id} has no ${type} of the ${from}`)
  return message
}

function messageEnd(octets: Uint8Array): number | null {
  const [, high, middle, low] = octets
  if (high === undefined || middle === undefined || low === undefined) return null
  const end = 4 + ((high << 16) | (middle << 8) | low)
  return octets.length < end ? null : end
}

/** The traffic secret that protects what `from` sends in an epoch; behind a KeyUpdate it may be left to be derived. */
export function trafficSecretOf(
  crypto: CryptoProvider,
  { id, values }: CompletedRecording,
  from: Role,
  epoch: Epoch,
): Uint8Array {
  const secrets: { readonly [key: string]: string | undefined } = {
    'client early': values.clientEarlyTrafficSecret,
    'client handshake': values.clientHandshakeTrafficSecret,
    'server handshake': values.serverHandshakeTrafficSecret,
    'client application': values.clientApplicationTrafficSecret,
    'server application': values.serverApplicationTrafficSecret,
    'client application1': values.clientApplicationTrafficSecret1,
    'server application1': values.serverApplicationTrafficSecret1,
  }
  const recorded = secrets[`${from} ${epoch}`]
  if (recorded !== undefined) return fromHex(recorded)
  const updates = Number(/^application([1-9])$/.exec(epoch)?.[1] ?? 0)
  const first = secrets[`${from} application`]
  if (updates === 0 || first === undefined) throw new Error(`${id} has no ${epoch} traffic secret of the ${from}`)
  let secret = fromHex(first)
  for (let i = 0; i < updates; i++) secret = nextTrafficSecret(crypto, values.hash, secret)
  return secret
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
  if (first === undefined) return crypto.hash(hash, EMPTY)
  const retried = messages.filter(({ type }) => type === 'client_hello').length > 1
  if (!retried) return crypto.hash(hash, concat(first, ...rest))
  const firstHash = crypto.hash(hash, first)
  const header = Uint8Array.of(HandshakeType.message_hash, 0, 0, firstHash.length)
  return crypto.hash(hash, concat(header, firstHash, ...rest))
}
