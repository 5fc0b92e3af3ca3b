// Both sides hold one secret of 32 random octets; no certificates anywhere. The PSK is imported (RFC 9258), so each KDF
// gets a key of its own.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'trefoil'

const psk = { identity: 'branch-17', key: randomBytes(32) }

const server = createServer({ psk }, (socket) => socket.end('welcome'))
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const socket = connect({ host: '127.0.0.1', port: server.address().port, psk })
socket.setEncoding('utf8')
let text = ''
for await (const chunk of socket) text += chunk
console.log(`${text} (${socket.protection.authentication.peer}, ${socket.protection.keyExchange.group})`)
server.close()
