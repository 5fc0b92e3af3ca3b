/** A client's first record, which holds its whole ClientHello: recorded, edited, and made of an edited hello again. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type ConnectionOptions, connect } from '../../src/index.js'
import { type ClientHello, decodeClientHello, encodeClientHello } from '../../src/tls/messages/clientHello.js'

/** What a client of these options says first, to somebody who never answers. */
export async function recordFirstFlight(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ host: '127.0.0.1', ...options, port: (server.address() as AddressInfo).port })
  client.on('error', () => {})
  const [socket] = await once(server, 'connection')
  let seen: Buffer = Buffer.alloc(0)
  while (seen.length < 5 || seen.length < 5 + seen.readUInt16BE(3)) {
    const [chunk] = await once(socket, 'data')
    seen = Buffer.concat([seen, chunk])
  }
  client.destroy()
  server.close()
  return seen
}

/** The record with its hello changed. The binders stay: they do not verify any more. */
export function editFirstFlight(record: Buffer, edit: (hello: ClientHello) => ClientHello): Buffer {
  const message = encodeClientHello(edit(decodeClientHello(Uint8Array.from(record.subarray(9)))))
  const header = Buffer.from(record.subarray(0, 5))
  header.writeUInt16BE(message.length, 3)
  return Buffer.concat([header, message])
}
