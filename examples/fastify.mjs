// Fastify over Trefoil: its serverFactory makes the server. Express takes the other way: createServer(options, app).
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import { fastify } from 'fastify'
import { defaultProvider } from 'trefoil/crypto'
import { Agent, createServer, get } from 'trefoil/https'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem, privateKeyPem } = issueCertificate({ ca: authority, subjectAltNames: ['localhost'], crypto })

const app = fastify({
  serverFactory: (handler) => createServer({ cert: certificatePem, key: privateKeyPem }, handler),
})
app.get('/protection', async (request) => request.raw.socket.protection)
await app.listen({ port: 0, host: '127.0.0.1' })

const agent = new Agent({ ca: authority.certificatePem })
const { port } = app.server.address()
const [response] = await once(get(`https://localhost:${port}/protection`, { agent }), 'response')
const { keyExchange, authentication } = await json(response)
console.log(`Fastify answers over ${keyExchange.group}, with ${authentication.localScheme}`)
agent.destroy()
await app.close()
