/** What the traffic secrets in an endpoint's memory open: their own epoch, and all that follows from it. */
import { MessageCutter } from './handshakeMessages.js'
import { MessageType } from './hellos.js'
import type { PlainHandshake } from './plainHandshake.js'
import { ContentType, type InnerPlaintext, Opener, type Suite, type WireRecord } from './protection.js'
import type { Schedule } from './schedule.js'
import type { Direction } from './tape.js'

export interface FoundByMemory {
  /** Whether any record opened. */
  readonly any: boolean
  readonly applicationData: Readonly<Record<Direction, Buffer>>
}

/** Where on the tape an epoch begins is not known, so every secret is tried on every record that nothing else opens. */
export function openWithTrafficSecrets(
  plain: PlainHandshake,
  secrets: readonly Uint8Array[],
  schedule: Schedule,
): FoundByMemory {
  const attempt = { suite: plain.suite, schedule, secrets }
  const client = openDirection(plain.protectedRecords.client, attempt)
  const server = openDirection(plain.protectedRecords.server, attempt)
  return {
    any: client.length + server.length > 0,
    applicationData: { client: dataOf(client), server: dataOf(server) },
  }
}

interface Attempt {
  readonly suite: Suite
  readonly schedule: Schedule
  readonly secrets: readonly Uint8Array[]
}

interface Epoch {
  readonly secret: Uint8Array
  readonly opener: Opener
}

function openDirection(records: readonly WireRecord[], attempt: Attempt): InnerPlaintext[] {
  const opened: InnerPlaintext[] = []
  let epoch: Epoch | null = null
  for (const record of records) {
    const found: { epoch: Epoch; inner: InnerPlaintext } | null = openWithAny(record, epoch, attempt)
    if (found === null) continue
    opened.push(found.inner)
    // RFC 9846 7.2: whoever has one epoch has those after it.
    epoch = endsWithKeyUpdate(found.inner) ? epochAfter(found.epoch, attempt) : found.epoch
  }
  return opened
}

function openWithAny(record: WireRecord, epoch: Epoch | null, attempt: Attempt) {
  const going = epoch?.opener.open(record) ?? null
  if (epoch !== null && going !== null) return { epoch, inner: going }
  for (const secret of attempt.secrets) {
    const fresh = epochOf(secret, attempt)
    const inner = fresh.opener.open(record)
    if (inner !== null) return { epoch: fresh, inner }
  }
  return null
}

function epochOf(secret: Uint8Array, { suite, schedule }: Attempt): Epoch {
  return { secret, opener: new Opener(suite, secret, schedule) }
}

function epochAfter({ secret }: Epoch, attempt: Attempt): Epoch | null {
  const next = attempt.schedule.nextTraffic(attempt.suite.hash, Buffer.from(secret))
  return next === null ? null : epochOf(next, attempt)
}

function endsWithKeyUpdate({ type, content }: InnerPlaintext): boolean {
  if (type !== ContentType.handshake) return false
  return new MessageCutter().add(content).at(-1)?.[0] === MessageType.keyUpdate
}

function dataOf(opened: readonly InnerPlaintext[]): Buffer {
  return Buffer.concat(opened.flatMap(({ type, content }) => (type === ContentType.applicationData ? [content] : [])))
}
