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
  /** Handshake messages behind the handshake. */
  readonly handshakeMessages: readonly { readonly from: Direction; readonly message: Buffer }[]
  readonly applicationData: Readonly<Record<Direction, Buffer>>
}

/** What the latest secrets opened: nothing else that leaks has a part in it. */
const FOUND = new WeakMap<PlainHandshake, { readonly by: string; readonly schedule: Schedule; found: FoundByMemory }>()

/** Where on the tape an epoch begins is not known, so every secret is tried on every record that nothing else opens. */
export function openWithTrafficSecrets(
  plain: PlainHandshake,
  secrets: readonly Uint8Array[],
  schedule: Schedule,
): FoundByMemory {
  const by = secrets.map((secret) => Buffer.from(secret).toString('hex')).join()
  const before = FOUND.get(plain)
  if (before?.by === by && before.schedule === schedule) return before.found
  const attempt = { suite: plain.suite, schedule }
  const client = openDirection(plain.protectedRecords.client, secrets, attempt)
  const server = openDirection(plain.protectedRecords.server, secrets, attempt)
  const found = {
    any: client.length + server.length > 0,
    handshakeMessages: [...messagesOf('server', server), ...messagesOf('client', client)],
    applicationData: { client: dataOf(client), server: dataOf(server) },
  }
  FOUND.set(plain, { by, schedule, found })
  return found
}

interface Attempt {
  readonly suite: Suite
  readonly schedule: Schedule
}

interface Epoch {
  readonly secret: Uint8Array
  readonly opener: Opener
}

function openDirection(
  records: readonly WireRecord[],
  secrets: readonly Uint8Array[],
  attempt: Attempt,
): InnerPlaintext[] {
  const opened: InnerPlaintext[] = []
  // Each stays at its first record until it meets it.
  const beginnings = secrets.map((secret) => epochOf(secret, attempt))
  let epoch: Epoch | null = null
  for (const record of records) {
    const found: { epoch: Epoch; inner: InnerPlaintext } | null = openWithAny(record, epoch, beginnings)
    if (found === null) continue
    opened.push(found.inner)
    // RFC 9846 7.2: whoever has one epoch has those after it.
    epoch = endsWithKeyUpdate(found.inner) ? epochAfter(found.epoch, attempt) : found.epoch
  }
  return opened
}

function openWithAny(record: WireRecord, epoch: Epoch | null, beginnings: readonly Epoch[]) {
  const going = epoch?.opener.open(record) ?? null
  if (epoch !== null && going !== null) return { epoch, inner: going }
  for (const beginning of beginnings) {
    const inner = beginning.opener.open(record)
    if (inner !== null) return { epoch: beginning, inner }
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

function messagesOf(from: Direction, opened: readonly InnerPlaintext[]) {
  const cutter = new MessageCutter()
  return opened
    .flatMap(({ type, content }) => (type === ContentType.handshake ? cutter.add(content) : []))
    .map((message) => ({ from, message }))
}

function dataOf(opened: readonly InnerPlaintext[]): Buffer {
  return Buffer.concat(opened.flatMap(({ type, content }) => (type === ContentType.applicationData ? [content] : [])))
}
