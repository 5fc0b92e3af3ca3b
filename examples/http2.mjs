// HTTP/2 over Trefoil: twenty streams at once over one connection, and a client of HTTP/1.1 that the same server serves.
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { defaultProvider } from 'trefoil/crypto'
import { connect, createSecureServer } from 'trefoil/http2'
import { Agent, get } from 'trefoil/https'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem, privateKeyPem } = issueCertificate({ ca: authority, subjectAltNames: ['localhost'], crypto })

const options = { cert: certificatePem, key: privateKeyPem, allowHTTP1: true }
const server = createSecureServer(options, (request, response) => {
  const { alpnProtocol, protection } = request.socket
  response.end(`${request.url} over ${alpnProtocol}, ${protection.keyExchange.group}`)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `https://localhost:${server.address().port}`

const session = connect(origin, { ca: authority.certificatePem })
const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)
const answers = await Promise.all(paths.map((path) => text(session.request({ ':path': path }))))
console.log(`${answers.length} answers, the last: ${answers.at(-1)}`)
session.close()

const agent = new Agent({ ca: authority.certificatePem })
const [response] = await once(get(`${origin}/old`, { agent }), 'response')
console.log(await text(response))
agent.destroy()
server.close()
