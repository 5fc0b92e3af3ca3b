// WebSockets over Trefoil: ws takes the server, and on the other side the Agent, as it takes those of node:https.
import { once } from 'node:events'
import { defaultProvider } from 'trefoil/crypto'
import { Agent, createServer } from 'trefoil/https'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'
import { WebSocket, WebSocketServer } from 'ws'

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem, privateKeyPem } = issueCertificate({ ca: authority, subjectAltNames: ['localhost'], crypto })

const server = createServer({ cert: certificatePem, key: privateKeyPem })
const webSockets = new WebSocketServer({ server })
webSockets.on('connection', (socket, request) => {
  socket.send(`hello over ${request.socket.protection.keyExchange.group}`)
  socket.on('message', (data) => socket.send(`${data.length} octets came`))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const agent = new Agent({ ca: authority.certificatePem })
const socket = new WebSocket(`wss://localhost:${server.address().port}`, { agent })
console.log(String((await once(socket, 'message'))[0]))
socket.send(Buffer.alloc(1024 * 1024))
console.log(String((await once(socket, 'message'))[0]))
socket.close()
await once(socket, 'close')
server.close()
