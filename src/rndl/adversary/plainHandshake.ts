/** The part of a connection that everybody can read: the hellos, and what was negotiated in them. */

import { MessageCutter } from './handshakeMessages.js'
import { type ClientHello, MessageType, readClientHello, readServerHello, type ServerHello } from './hellos.js'
import { digest, type Hash } from './keyDerivation.js'
import { ContentType, readRecords, type Suite, suiteOf, type WireRecord } from './protection.js'
import { type Direction, sentBy, type TapedConnection } from './tape.js'

export interface PlainHandshake {
  readonly suite: Suite
  readonly clientHello: ClientHello
  readonly serverHello: ServerHello
  /** The transcript so far, retry included, ready to be hashed: ClientHello…ServerHello (RFC 9846 4.5.1). */
  readonly transcript: Buffer
  /** Up to and with the ClientHello that was answered: what early secrets are over. */
  readonly clientHelloTranscript: Buffer
  /** The same with that ClientHello truncated: what its binders are over. */
  readonly truncatedTranscript: (hash: Hash) => Buffer
  /** Random of the first ClientHello: what RFC 9850 files secrets under. */
  readonly clientRandom: Buffer
  /** Records behind the hellos, in order, without change_cipher_spec. */
  readonly protectedRecords: Readonly<Record<Direction, readonly WireRecord[]>>
}

/** A tape is read once, however often it is attacked. */
const READ = new WeakMap<TapedConnection, { readonly segments: number; readonly plain: PlainHandshake | null }>()

/** Null for what is no handshake of TLS 1.3, or breaks off before its ServerHello. */
export function readPlainHandshake(tape: TapedConnection): PlainHandshake | null {
  const before = READ.get(tape)
  // More may have been taped since.
  if (before?.segments === tape.segments.length) return before.plain
  const plain = read(tape)
  READ.set(tape, { segments: tape.segments.length, plain })
  return plain
}

function read(tape: TapedConnection): PlainHandshake | null {
  try {
    const client = takePlain(readRecords(sentBy(tape, 'client')))
    const server = takePlain(readRecords(sentBy(tape, 'server')))
    const [first, second] = client.messages
    const serverHello = server.messages.map(readServerHello).find(({ isRetry }) => !isRetry)
    if (first === undefined || serverHello === undefined) return null
    const suite = suiteOf(serverHello.cipherSuite)
    if (suite === null) return null
    // After a retry the first ClientHello is stood for by its hash.
    const before = (hash: Hash): Buffer =>
      second === undefined ? Buffer.alloc(0) : Buffer.concat([messageHash(hash, first), server.messages[0] as Buffer])
    const hello = second ?? first
    const clientHello = readClientHello(hello)
    return {
      suite,
      clientHello,
      serverHello,
      transcript: Buffer.concat([before(suite.hash), hello, server.messages.at(-1) as Buffer]),
      clientHelloTranscript: Buffer.concat([before(suite.hash), hello]),
      truncatedTranscript: (hash) => Buffer.concat([before(hash), hello.subarray(0, clientHello.truncatedLength)]),
      clientRandom: readClientHello(first).random,
      protectedRecords: { client: client.rest, server: server.rest },
    }
  } catch {
    return null
  }
}

function takePlain(records: readonly WireRecord[]): { messages: Buffer[]; rest: WireRecord[] } {
  const cutter = new MessageCutter()
  const messages: Buffer[] = []
  const rest: WireRecord[] = []
  for (const record of records) {
    if (record.type === ContentType.handshake) {
      messages.push(...cutter.add(record.fragment).filter(isHello))
    } else if (record.type === ContentType.applicationData) {
      rest.push(record)
    }
  }
  return { messages, rest }
}

function isHello(message: Buffer): boolean {
  return message[0] === MessageType.clientHello || message[0] === MessageType.serverHello
}

function messageHash(hash: Hash, hello: Buffer): Buffer {
  const hashed = digest(hash, hello)
  return Buffer.concat([Buffer.from([254, 0, 0, hashed.length]), hashed])
}
