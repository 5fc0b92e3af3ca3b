/**
 * A man in the middle: a TCP relay between a real client and a real server that an attacker scripts record by record.
 * It tapes what passed, in the form that the adversary of `src/rndl` reads.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Direction, TapedConnection, TapedSegment } from '../../src/rndl/adversary/index.js'

/** A TLS record on its way: header and payload. */
export interface Passing {
  readonly from: Direction
  /** How many came from that end before. */
  readonly nth: number
  readonly record: Buffer
}

/** The attacker's own hands on the line, beside what he answers for each record. */
export interface Line {
  toClient(octets: Uint8Array): void
  toServer(octets: Uint8Array): void
  /** Both ends see the connection break. */
  cut(): void
}

/** Says what goes on in place of a record: other octets, or nothing. */
export type Attacker = (passing: Passing, line: Line) => Uint8Array | readonly Uint8Array[] | null

/** Who only listens. */
export const listener: Attacker = ({ record }) => record

export interface Relay {
  readonly port: number
  /** What each end said, one entry for each connection. */
  readonly tape: readonly TapedConnection[]
  /** Connections made to the server, and whether all that were ever made are over. */
  readonly reached: number
  readonly idle: boolean
  close(): void
}

/** @param begin asked for an attacker for each connection */
export async function startRelay(target: number, begin: () => Attacker): Promise<Relay> {
  const tape: { name: string; segments: TapedSegment[] }[] = []
  const sockets = new Set<Socket>()
  let reached = 0
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  // Each direction ends by itself, as the ends mean it.
  const relay = createServer({ allowHalfOpen: true }, (near) => {
    const far = keep(connect({ port: target, host: '127.0.0.1', allowHalfOpen: true }))
    far.once('connect', () => reached++)
    keep(near)
    const segments: TapedSegment[] = []
    tape.push({ name: `connection ${tape.length}`, segments })
    const line = {
      toClient: (octets: Uint8Array) => void (near.writable && near.write(octets)),
      toServer: (octets: Uint8Array) => void (far.writable && far.write(octets)),
      cut: () => {
        near.end()
        far.end()
      },
    }
    const attacker = begin()
    const pass = (from: Direction, source: Socket, sink: Socket, forward: Line['toClient']) => {
      eachRecord(source, (record, nth) => {
        segments.push({ from, milliseconds: segments.length, octets: record })
        for (const octets of listOf(attacker({ from, nth, record }, line))) forward(octets)
      })
      source.once('end', () => sink.end())
      source.once('close', () => sink.end())
    }
    pass('client', near, far, line.toServer)
    pass('server', far, near, line.toClient)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    port: (relay.address() as AddressInfo).port,
    tape,
    get reached() {
      return reached
    },
    get idle() {
      return sockets.size === 0
    },
    close() {
      relay.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function eachRecord(source: Socket, take: (record: Buffer, nth: number) => void): void {
  let held: Buffer = Buffer.alloc(0)
  let nth = 0
  source.on('data', (chunk) => {
    held = Buffer.concat([held, chunk])
    const records = recordsOf(held)
    held = held.subarray(records.reduce((sum, { length }) => sum + length, 0))
    for (const record of records) take(record, nth++)
  })
}

/** The whole records at the beginning of `octets`, headers and all. */
export function recordsOf(octets: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at + 5 <= octets.length; ) {
    const end = at + 5 + octets.readUInt16BE(at + 3)
    if (end > octets.length) break
    records.push(Buffer.from(octets.subarray(at, end)))
    at = end
  }
  return records
}

function listOf(answer: ReturnType<Attacker>): readonly Uint8Array[] {
  if (answer === null) return []
  return answer instanceof Uint8Array ? [answer] : answer
}
