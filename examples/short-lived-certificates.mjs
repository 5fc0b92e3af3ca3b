// A server whose certificate lives for ten minutes and is replaced long before that, while connections go on; and an
// account that is closed in between, which acceptPeer refuses at its next handshake, a resumed one too. A real server
// would get its certificates from an authority elsewhere, and reload them when the file changes.
import { once } from 'node:events'
import { connect, createServer } from 'trefoil'
import { defaultProvider } from 'trefoil/crypto'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'

const crypto = defaultProvider()
const MINUTES = 1 / (24 * 60)
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })

function issue(name, days) {
  const { certificatePem, privateKeyPem } = issueCertificate({ ca: authority, subjectAltNames: [name], days, crypto })
  return { cert: certificatePem, key: privateKeyPem }
}

const closedAccounts = new Set()
/** All the options of the context, each time: what is left out is not kept from before. */
const freshContext = () => ({ ...issue('localhost', 10 * MINUTES), ca: authority.certificatePem })

const server = createServer(
  {
    ...freshContext(),
    requestCert: true,
    acceptPeer: ({ certificate }) => !certificate.subjectAltNames.some((name) => closedAccounts.has(name)),
  },
  (socket) => socket.on('error', () => {}).pipe(socket),
)
server.on('tlsClientError', (error) => console.log(`server: ${error.message} (${error.code})`))
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const client = { ...issue('branch-17.example', 10 * MINUTES), ca: authority.certificatePem }
const visit = (session) =>
  connect({ host: '127.0.0.1', port: server.address().port, servername: 'localhost', session, ...client })

const first = visit()
const tickets = once(first, 'session')
await once(first, 'secureConnect')
const serialNumbers = [first.getPeerCertificate().serialNumber]
const [session] = await tickets

for (let reload = 0; reload < 2; reload++) {
  server.setSecureContext(freshContext())
  const next = visit()
  await once(next, 'secureConnect')
  serialNumbers.push(next.getPeerCertificate().serialNumber)
  next.destroy()
}
console.log(`${new Set(serialNumbers).size} certificates in ${serialNumbers.length} connections`)

first.write('still here')
console.log(`the first connection: ${(await once(first, 'data'))[0]}`)

closedAccounts.add('DNS:branch-17.example')
const resumed = visit(session).resume()
const [refusal] = await once(resumed, 'error')
console.log(`client: ${refusal.message}`)
first.destroy()
server.close()
