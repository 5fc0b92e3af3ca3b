/** A TCP relay between two ends that keeps what the server said, for what neither end tells. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** The random value that marks a ServerHello as HelloRetryRequest (RFC 9846 4.2.3). */
const HELLO_RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')

export interface RecordingRelay {
  readonly port: number
  /** Whether the server has answered with HelloRetryRequest. */
  retried(): boolean
}

/** Relays to a port of 127.0.0.1 until the test is over. */
export async function startRecordingRelay(target: number): Promise<RecordingRelay> {
  const chunks: Buffer[] = []
  // Each direction ends by itself, as the ends mean it.
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })
    server.on('data', (chunk) => chunks.push(chunk))
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  onTestFinished(() => void relay.close())
  return {
    port: (relay.address() as AddressInfo).port,
    retried: () => Buffer.concat(chunks).includes(HELLO_RETRY_RANDOM),
  }
}
