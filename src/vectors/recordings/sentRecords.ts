/** Compares what our side put on the wire with what was recorded of it. */
import { concat, toHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/index.js'
import { RecordProtection } from '../../tls/index.js'
import { ContentType } from '../../tls/wire/codePoints.js'
import { MAX_INNER_PLAINTEXT_LENGTH, type Record, RecordReader } from '../../tls/wire/record.js'
import { trafficSecretOf } from './messages.js'
import type { CompletedRecording, Epoch, Recording, Role } from './recording.js'

/** One record a line, in hex; 0x0303 for the version that a first ClientHello's record may have (RFC 9846 5.1). */
export function recordsIn(stream: readonly Uint8Array[]): string[] {
  return cut(concat(...stream)).map(({ header, payload }) => toHex(concat(header, payload)))
}

export function recordedRecords(recording: Recording, role: Role): string[] {
  return recording.flow
    .filter(({ from }) => from === role)
    .map(({ record }) => (record.startsWith('160301') ? `160303${record.slice(6)}` : record))
}

/** The contents of consecutive records of one epoch and type, joined: what does not depend on where they were cut. */
export function recordedContents(recording: Recording, role: Role): string[] {
  const own = recording.flow.filter(({ from }) => from === role)
  return join(own.map(({ epoch, contentType, payload }) => [`${epoch} ${contentType}`, payload]))
}

/** The same of our own stream, opened with the recorded secrets. */
export function contentsIn(
  crypto: CryptoProvider,
  recording: CompletedRecording,
  role: Role,
  stream: readonly Uint8Array[],
) {
  const lengths = epochLengths(recording, role)
  const parts: [string, string][] = []
  let [epoch, left] = lengths.shift() ?? ['plaintext', 0]
  let protection: RecordProtection | null = null
  for (const record of cut(concat(...stream))) {
    if (left <= 0) {
      ;[epoch, left] = lengths.shift() ?? ['application', 0]
      protection = new RecordProtection(
        crypto,
        recording.values.cipherSuite,
        trafficSecretOf(crypto, recording, role, epoch),
      )
    }
    const { type, content } =
      protection === null
        ? { type: record.type, content: record.payload }
        : protection.open(record, MAX_INNER_PLAINTEXT_LENGTH)
    left -= content.length
    parts.push([`${epoch} ${typeName(type)}`, toHex(content)])
  }
  return join(parts)
}

/** How many octets of content the recorded side sent in each epoch, in order. */
function epochLengths(recording: Recording, role: Role): [Epoch, number][] {
  const lengths = new Map<Epoch, number>()
  for (const { from, epoch, payload } of recording.flow) {
    if (from === role) lengths.set(epoch, (lengths.get(epoch) ?? 0) + payload.length / 2)
  }
  return [...lengths]
}

function join(parts: readonly (readonly [string, string])[]): string[] {
  const joined: [string, string][] = []
  for (const [kind, content] of parts) {
    const last = joined.at(-1)
    if (last?.[0] === kind) last[1] += content
    else joined.push([kind, content])
  }
  return joined.map(([kind, content]) => `${kind}: ${content}`)
}

function cut(stream: Uint8Array): Record[] {
  const reader = new RecordReader()
  reader.push(stream)
  const records: Record[] = []
  for (let record = reader.next(); record !== null; record = reader.next()) records.push(record)
  if (reader.partial) throw new Error('the stream ends inside a record')
  return records
}

function typeName(code: number): string {
  return Object.entries(ContentType).find(([, value]) => value === code)?.[0] ?? String(code)
}
