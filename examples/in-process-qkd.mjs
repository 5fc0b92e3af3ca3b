// A client and a server in one process: ML-DSA-65 certificate, X25519MLKEM768, and a QKD key from a pair of key sources
// in memory. With real equipment, replace the pair by etsi014({ url, cert, key, ca }) at each site.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'trefoil'
import { defaultProvider } from 'trefoil/crypto'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'
import { inProcessPair } from 'trefoil/qkd'

const crypto = defaultProvider()
const ca = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem, privateKeyPem } = issueCertificate({ ca, subjectAltNames: ['localhost'], crypto })
const [atClient, atServer] = inProcessPair({
  siteA: 'sae-client',
  siteB: 'sae-server',
  random: (length) => new Uint8Array(randomBytes(length)),
})

const server = createServer(
  {
    cert: certificatePem,
    key: privateKeyPem,
    qkd: { source: atServer, localSaeId: 'sae-server', peerSaeId: 'sae-client' },
  },
  (socket) => socket.pipe(socket),
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const socket = connect({
  host: '127.0.0.1',
  port: server.address().port,
  servername: 'localhost',
  ca: ca.certificatePem,
  qkd: { source: atClient, localSaeId: 'sae-client', peerSaeId: 'sae-server' },
})
await once(socket, 'secureConnect')
console.log(socket.protection)

socket.end('hello')
socket.setEncoding('utf8')
let echoed = ''
for await (const chunk of socket) echoed += chunk
console.log(`echoed: ${echoed}`)
server.close()
