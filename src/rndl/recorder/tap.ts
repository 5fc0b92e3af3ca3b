/** A wire-tap on TCP: it stands between a client and a server, passes on every octet, and keeps a copy. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Direction, TapedConnection, TapedSegment } from '../adversary/index.js'

export interface Tap {
  /** Where to connect instead, on 127.0.0.1. */
  readonly port: number
  /** What was taped so far, in the order in which the connections were made. */
  readonly tape: readonly TapedConnection[]
  /** Resolves when none of the connections taped so far is open any more. */
  idle(): Promise<void>
  /** Ends what is still open. */
  close(): Promise<void>
}

export interface TapOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  readonly port: number
  /** The name of the connection with that number, which counts from 0. */
  readonly name: (index: number) => string
}

/** @throws what the operating system says when it gives no port */
export async function startTap({ host = '127.0.0.1', port, name }: TapOptions): Promise<Tap> {
  const tape: { name: string; startedAt: number; segments: TapedSegment[] }[] = []
  const open = new Set<Socket>()
  const idlers = new Set<() => void>()
  const left = (socket: Socket) => {
    open.delete(socket)
    if (open.size > 0) return
    for (const resolve of idlers) resolve()
    idlers.clear()
  }
  const enter = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => left(socket))
  }
  // Half-open, so that each direction ends when its sender ends it, and not before.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const connection = { name: name(tape.length), startedAt: Date.now(), segments: [] }
    tape.push(connection)
    const start = performance.now()
    for (const socket of [near, far]) enter(socket)
    pass('client', near, far, connection.segments, start)
    pass('server', far, near, connection.segments, start)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    tape,
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => void idlers.add(resolve))),
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** One direction: `pipe` holds the sender back when the receiver is slow, and hands on the end. */
function pass(direction: Direction, from: Socket, to: Socket, segments: TapedSegment[], start: number): void {
  from.on('data', (chunk: Buffer) => {
    segments.push({ from: direction, milliseconds: performance.now() - start, octets: new Uint8Array(chunk) })
  })
  from.pipe(to)
  // A reset, or an end that can no longer be delivered: the other side learns of it as it would without a tap.
  from.on('error', () => to.resetAndDestroy())
  from.once('close', () => {
    if (!from.readableEnded) to.destroy()
  })
}
