/** What the traffic secrets in an endpoint's memory open: their own epoch, and all that follows from it. */
import { MessageCutter } from './handshakeMessages.js'
import { MessageType } from './hellos.js'
import { expandLabel } from './keyDerivation.js'
import type { PlainHandshake } from './plainHandshake.js'
import { ContentType, type InnerPlaintext, Opener, type Suite, type WireRecord } from './protection.js'
import type { Direction } from './tape.js'

export interface FoundByMemory {
  /** Whether any record opened. */
  readonly any: boolean
  readonly applicationData: Readonly<Record<Direction, Buffer>>
}

/** Where on the tape an epoch begins is not known, so every secret is tried on every record that nothing else opens. */
export function openWithTrafficSecrets(plain: PlainHandshake, secrets: readonly Uint8Array[]): FoundByMemory {
  const [client, server] = (['client', 'server'] as const).map((from) =>
    openDirection(plain.suite, plain.protectedRecords[from], secrets),
  ) as [InnerPlaintext[], InnerPlaintext[]]
  return {
    any: client.length + server.length > 0,
    applicationData: { client: dataOf(client), server: dataOf(server) },
  }
}

interface Epoch {
  readonly secret: Uint8Array
  readonly opener: Opener
}

function openDirection(suite: Suite, records: readonly WireRecord[], secrets: readonly Uint8Array[]): InnerPlaintext[] {
  const opened: InnerPlaintext[] = []
  let epoch: Epoch | null = null
  for (const record of records) {
    const found: { epoch: Epoch; inner: InnerPlaintext } | null = openWithAny(suite, record, epoch, secrets)
    if (found === null) continue
    opened.push(found.inner)
    // RFC 9846 7.2: whoever has one epoch has those after it.
    epoch = endsWithKeyUpdate(found.inner) ? epochOf(suite, nextSecret(suite, found.epoch.secret)) : found.epoch
  }
  return opened
}

function openWithAny(suite: Suite, record: WireRecord, epoch: Epoch | null, secrets: readonly Uint8Array[]) {
  const going = epoch?.opener.open(record) ?? null
  if (epoch !== null && going !== null) return { epoch, inner: going }
  for (const secret of secrets) {
    const fresh = epochOf(suite, secret)
    const inner = fresh.opener.open(record)
    if (inner !== null) return { epoch: fresh, inner }
  }
  return null
}

function epochOf(suite: Suite, secret: Uint8Array): Epoch {
  return { secret, opener: new Opener(suite, secret) }
}

function nextSecret({ hash }: Suite, secret: Uint8Array): Buffer {
  return expandLabel(hash, secret, 'traffic upd', Buffer.alloc(0))
}

function endsWithKeyUpdate({ type, content }: InnerPlaintext): boolean {
  if (type !== ContentType.handshake) return false
  return new MessageCutter().add(content).at(-1)?.[0] === MessageType.keyUpdate
}

function dataOf(opened: readonly InnerPlaintext[]): Buffer {
  return Buffer.concat(opened.flatMap(({ type, content }) => (type === ContentType.applicationData ? [content] : [])))
}
