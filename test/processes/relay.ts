/** A TCP relay before a server that keeps every client's first record, and can hold back either direction. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Relay {
  readonly port: number
  /** The first record of the next client, which holds its whole ClientHello. */
  nextHello(): Promise<Buffer>
  /** Sends on what is held back. */
  release(): void
}

/** @param hold `hello`: nothing goes to the server; `answer`: nothing comes back; until released */
export async function startRelay(target: number, hold: 'hello' | 'answer' | 'nothing' = 'nothing'): Promise<Relay> {
  const waiting: ((hello: Buffer) => void)[] = []
  const seen: Buffer[] = []
  let release = (): void => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      // A process that was killed takes its connection with it, and the other end must see it.
      socket.on('error', () => other.destroy())
    }
    let first: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      first = Buffer.concat([first, chunk])
      if (first.length < 5 || first.length < 5 + first.readUInt16BE(3)) return
      near.off('data', onData)
      near.pause()
      const wanted = waiting.shift()
      if (wanted === undefined) seen.push(first)
      else wanted(first)
      forward(near, far, first, hold === 'hello' ? released : null)
    }
    near.on('data', onData)
    forward(far, near, null, hold === 'answer' ? released : null)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    nextHello: async () => seen.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    release,
  }
}

function forward(from: Socket, to: Socket, first: Buffer | null, held: Promise<void> | null): void {
  const begin = (): void => {
    if (first !== null) to.write(first)
    from.pipe(to)
  }
  if (held === null) begin()
  else void held.then(begin)
}
