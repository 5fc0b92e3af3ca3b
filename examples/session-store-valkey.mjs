// Two servers of one service whose sessions are kept in Valkey (or Redis): what begins at one goes on at the other, each
// session once, and when the store is down there are full handshakes. Runs a valkey-server or redis-server of its own.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'trefoil'
import { defaultProvider } from 'trefoil/crypto'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'
import { ownValkey, VALKEY } from './lib/valkeyServer.mjs'
import { connectToValkey, valkeySessionStore } from './lib/valkeySessionStore.mjs'

if (VALKEY === undefined) {
  console.log('there is no valkey-server or redis-server here to keep sessions in')
  process.exit()
}

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem: cert, privateKeyPem: key } = issueCertificate({
  ca: authority,
  subjectAltNames: ['localhost'],
  crypto,
})
// Whoever has one of them and the store has the sessions: they come from where the private key comes from.
const ticketKeys = [randomBytes(48)]

const valkey = ownValkey()
await valkey.start()
const store = await connectToValkey({ socket: { path: valkey.path, reconnectStrategy: 50 } })

async function host(name) {
  const server = createServer(
    {
      cert,
      key,
      ticketKeys,
      sessionStore: valkeySessionStore(store),
      sessionStoreTimeout: 500,
      sessionTimeout: 3600,
      resumption: { maxAgeSeconds: 24 * 3600 },
      onSessionStoreError: ({ message, code }) => console.log(`${name}: ${message} (${code})`),
    },
    (socket) => socket.on('error', () => {}).once('data', () => socket.end(name)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Whether a session was resumed at that server, and the one it gave, if it gave one. */
async function visit(server, session) {
  const { port } = server.address()
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certificatePem, session })
  socket.write('who is there?')
  const [answer] = await once(socket, 'data')
  await once(socket.resume(), 'close')
  const form = socket.isSessionReused() ? 'resumed' : 'full handshake'
  console.log(`client at ${answer}: ${form}, ${socket.protection.keyExchange.group}`)
  return socket.getSession()
}

const [one, two] = [await host('host one'), await host('host two')]
const session = await visit(one)
const renewed = await visit(two, session)
const [first] = await store.keys('*')
const minutes = Math.round((await store.pTTL(first)) / 60_000)
console.log(`kept in the store: ${await store.dbSize()} sessions, for ${minutes} minutes`)

await valkey.kill()
await visit(one, renewed)

await valkey.start()
while (!store.isReady) await new Promise((resolve) => setTimeout(resolve, 20))
await visit(one, await visit(two))

one.close()
two.close()
store.destroy()
await valkey.kill()
valkey.remove()
