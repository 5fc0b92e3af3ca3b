// fetch over Trefoil: undici's connector is told to connect by it. Node's own fetch takes the same dispatcher.
import { once } from 'node:events'
import { defaultProvider } from 'trefoil/crypto'
import { createServer } from 'trefoil/https'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'
import { buildConnector } from 'trefoil/undici'
import { Agent, setGlobalDispatcher, fetch as undiciFetch } from 'undici'

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Example CA', crypto })
const { certificatePem, privateKeyPem } = issueCertificate({ ca: authority, subjectAltNames: ['localhost'], crypto })

const server = createServer({ cert: certificatePem, key: privateKeyPem }, (request, response) => {
  const { keyExchange, resumed } = request.socket.protection
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ group: keyExchange.group, resumed }))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `https://localhost:${server.address().port}/`

const agent = new Agent({ connect: buildConnector({ ca: authority.certificatePem }) })
const headers = { connection: 'close' }
console.log('undici, by its option:', await (await undiciFetch(url, { dispatcher: agent, headers })).json())
console.log('Node, by its option:  ', await (await fetch(url, { dispatcher: agent })).json())
setGlobalDispatcher(agent)
console.log('undici, for all:      ', await (await undiciFetch(url)).json())
await agent.close()
server.close()
