// An HTTPS server and clients over Trefoil with a QKD key: a page that says what protects it, a large body both ways, and
// an Agent that keeps connections, and resumes sessions for as long as `qkd.resumption` lets one QKD key serve for several.
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { defaultProvider } from 'trefoil/crypto'
import { Agent, createServer, request } from 'trefoil/https'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'
import { inProcessPair } from 'trefoil/qkd'

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem, privateKeyPem } = issueCertificate({ ca: authority, subjectAltNames: ['localhost'], crypto })
const random = (length) => crypto.randomBytes(length)
const [atClient, atServer] = inProcessPair({ siteA: 'client', siteB: 'server', random })
const resumption = { maxAgeSeconds: 60, maxResumptions: 1 }

const server = createServer(
  {
    cert: certificatePem,
    key: privateKeyPem,
    qkd: { source: atServer, localSaeId: 'server', peerSaeId: 'client', resumption },
  },
  async (incoming, response) => {
    const { protection } = incoming.socket
    const body = await text(incoming)
    response.end(JSON.stringify({ received: body.length, resumed: protection.resumed, keyId: protection.qkd.keyId }))
  },
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const agent = new Agent({
  ca: authority.certificatePem,
  qkd: { source: atClient, localSaeId: 'client', peerSaeId: 'server', resumption },
})
const body = 'x'.repeat(1024 * 1024)
for (let visit = 1; visit <= 3; visit++) {
  const asked = request(`https://localhost:${server.address().port}/`, { method: 'POST', agent })
  asked.end(body)
  const [response] = await once(asked, 'response')
  const { received, resumed, keyId } = JSON.parse(await text(response))
  console.log(`${visit}: ${received} octets, ${resumed ? 'resumed' : 'a fresh QKD key'}, key ID ${keyId}`)
}
agent.destroy()
server.close()
