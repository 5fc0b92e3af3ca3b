/** Attackers who change what passes in clear, and what does not. */
import { type ClientHello, decodeClientHello } from '../../src/tls/messages/clientHello.js'
import { decodeServerHello, encodeServerHello, type ServerHello } from '../../src/tls/messages/serverHello.js'
import { ContentType, HandshakeType } from '../../src/tls/wire/codePoints.js'
import { writeRecordHeader } from '../../src/tls/wire/record.js'
import { editFirstFlight } from '../support/firstFlight.js'
import type { Attacker, Line, Passing } from './manInTheMiddle.js'

export const isClientHello = ({ record }: Passing): boolean => isMessage(record, HandshakeType.client_hello)
/** HelloRetryRequest included. */
export const isServerHello = ({ record }: Passing): boolean => isMessage(record, HandshakeType.server_hello)
export const isProtected = ({ record }: Passing): boolean => record[0] === ContentType.application_data

const isMessage = (record: Buffer, type: number): boolean => {
  return record[0] === ContentType.handshake && record[5] === type
}

/** Acts on the nth of the records that `matches`, and lets the others pass. */
export function on(matches: (passing: Passing) => boolean, act: Attacker, nth = 0): () => Attacker {
  return () => {
    let seen = 0
    return (passing, line) => (matches(passing) && seen++ === nth ? act(passing, line) : passing.record)
  }
}

/** Changes the nth ClientHello. Its binders stay, as the attacker has not got the key. */
export function clientHello(edit: (hello: ClientHello) => ClientHello, nth = 0): () => Attacker {
  return on(isClientHello, ({ record }) => editFirstFlight(record, edit), nth)
}

/** Changes the nth ServerHello or HelloRetryRequest. */
export function serverHello(edit: (hello: ServerHello) => ServerHello, nth = 0): () => Attacker {
  return on(isServerHello, ({ record }) => encodeRecord(edit(readServerHello(record))), nth)
}

/** Several attackers on one line, each on what the one before him lets pass. */
export function together(...crowd: readonly (() => Attacker)[]): () => Attacker {
  return () => {
    const attackers = crowd.map((begin) => begin())
    return (passing, line) =>
      attackers.reduce((records, attacker) => passThrough(records, attacker, passing, line), [passing.record])
  }
}

function passThrough(records: Buffer[], attacker: Attacker, passing: Passing, line: Line): Buffer[] {
  return records.flatMap((record) => {
    const answer = attacker({ ...passing, record }, line)
    return (answer === null ? [] : answer instanceof Uint8Array ? [answer] : [...answer]).map((octets) =>
      Buffer.from(octets),
    )
  })
}

/** A record, header and all, as a hello. */
export function readClientHello(record: Buffer): ClientHello {
  return decodeClientHello(Uint8Array.from(record.subarray(9)))
}

export function readServerHello(record: Buffer): ServerHello {
  return decodeServerHello(Uint8Array.from(record.subarray(9)))
}

export function encodeRecord(hello: ServerHello): Buffer {
  return plainRecord(ContentType.handshake, encodeServerHello(hello))
}

export function plainRecord(type: number, payload: Uint8Array): Buffer {
  const record = Buffer.alloc(5 + payload.length)
  writeRecordHeader(record, type, payload.length)
  record.set(payload, 5)
  return record
}

/** With its last bit turned over. */
export function flipped(octets: Uint8Array): Buffer {
  const changed = Buffer.from(octets)
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1)
  return changed
}
