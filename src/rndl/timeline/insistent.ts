/**
 * A server for a man in the middle who does not give up. Where he lacks the PSK he takes one of his own making, finds every
 * binder correct, and goes on: it is for the client to notice, and not for him to confess.
 */
import { connect, createServer, type Socket } from 'node:net'
import { toHex } from '../../bytes.js'
import { type CryptoProvider, defaultProvider } from '../../crypto/index.js'
import type { ServerOptions } from '../../node/options.js'
import { readClientHello } from '../adversary/hellos.js'
import { digest, lengthOf } from '../adversary/keyDerivation.js'
import { listen, type RunningServer, serve } from '../sessions/exchange.js'

/** As {@link serve}, behind a relay that shows the provider each ClientHello before the server gets it. */
export async function serveInsistently(
  options: ServerOptions,
  answer: (line: string) => Promise<string>,
): Promise<RunningServer> {
  /** What the MAC over a truncated ClientHello has to be: by the hash of that, in hex. */
  const binders = new Map<string, Uint8Array>()
  const server = await serve({ ...options, crypto: agreeable(options.crypto ?? defaultProvider(), binders) }, answer)
  const sockets = new Set<Socket>()
  const relay = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .once('close', () => {
          sockets.delete(socket)
          near.destroy()
          far.destroy()
        })
    }
    far.pipe(near)
    let held: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk])
      // One record: a hello is shorter than a record may be.
      if (held.length < 5 || held.length < 5 + held.readUInt16BE(3)) return
      near.off('data', onData)
      noteBinders(held.subarray(5, 5 + held.readUInt16BE(3)), binders)
      far.write(held)
      near.pipe(far)
    }
    near.on('data', onData)
  })
  const running = await listen(relay, sockets)
  return {
    port: running.port,
    async close() {
      await running.close()
      await server.close()
    },
  }
}

/** A provider whose MAC over a truncated ClientHello is whatever binder the client sent. */
function agreeable(inner: CryptoProvider, binders: ReadonlyMap<string, Uint8Array>): CryptoProvider {
  return {
    ...inner,
    hmacKey(algorithm, key) {
      const macKey = inner.hmacKey(algorithm, key)
      return {
        mac(data) {
          const binder = binders.get(toHex(data))
          return binder === undefined ? macKey.mac(data) : Uint8Array.from(binder)
        },
        wipe: () => macKey.wipe(),
      }
    },
  }
}

function noteBinders(hello: Buffer, binders: Map<string, Uint8Array>): void {
  const { binders: sent, truncatedLength } = readClientHello(hello)
  for (const hash of ['sha256', 'sha384'] as const) {
    const binder = sent.find(({ length }) => length === lengthOf(hash))
    if (binder !== undefined) binders.set(toHex(digest(hash, hello.subarray(0, truncatedLength))), binder)
  }
}
