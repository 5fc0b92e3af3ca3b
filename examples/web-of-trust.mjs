// Two branches that no certificate authority binds together. Three people whom both trust have met the owners of the
// keys, compared fingerprints, and signed what they saw. Each branch accepts the other when two of the three vouch for it.
import { once } from 'node:events'
import { connect, createServer } from 'trefoil'
import { defaultProvider } from 'trefoil/crypto'
import {
  encodePublicKey,
  endorse,
  keyFingerprint,
  loadPublicKey,
  writeEndorsementPem,
  writePrivateKeyPem,
  writePublicKeyPem,
} from 'trefoil/pki'

const crypto = defaultProvider()

// `trefoil trust key --out NAME` makes such a pair in files.
function keyPair() {
  const material = crypto.generateSigningKey('mldsa65')
  const signer = crypto.signingKey(material)
  const publicKey = loadPublicKey(encodePublicKey(signer.algorithm, signer.publicKey))
  return { signer, publicKey, key: writePrivateKeyPem(material), pub: writePublicKeyPem(publicKey) }
}

// `trefoil trust endorse` makes such a statement in a file.
function vouch({ signer: endorser }, { publicKey: subject }, name, purpose) {
  const notAfter = Date.now() + 30 * 86_400_000
  return writeEndorsementPem(endorse({ endorser, subject, name, purposes: [purpose], notAfter }))
}

const [alice, bob, carol, server, client] = Array.from({ length: 5 }, keyPair)
const introducers = [alice.pub, bob.pub, carol.pub]

const listener = createServer(
  {
    rawPublicKey: true,
    key: server.key,
    requestCert: true,
    trust: {
      introducers,
      threshold: 2,
      endorsements: [alice, bob].map((introducer) => vouch(introducer, client, 'branch-17', 'client')),
    },
  },
  (socket) => socket.end(`welcome, ${socket.getPeerRawPublicKey().names}`),
)
listener.on('tlsClientError', ({ message }) => console.log(`server refused: ${message}`))
listener.listen(0, '127.0.0.1')
await once(listener, 'listening')

const target = { host: '127.0.0.1', port: listener.address().port, servername: 'headquarters.example' }
const own = { rawPublicKey: true, key: client.key }
const endorsements = [bob, carol].map((introducer) => vouch(introducer, server, 'headquarters.example', 'server'))

const socket = connect({ ...target, ...own, trust: { introducers, threshold: 2, endorsements } })
socket.setEncoding('utf8')
let text = ''
for await (const chunk of socket) text += chunk
const { scheme, certificateType } = socket.protection.authentication
console.log(`${text} (${certificateType}, ${scheme}, ${keyFingerprint(server.publicKey)})`)

// One voice is not enough: neither would one introducer's stolen key be.
const hasty = connect({ ...target, ...own, trust: { introducers, threshold: 2, endorsements: endorsements.slice(1) } })
const [error] = await once(hasty, 'error')
console.log(`client refused: ${error.code}: ${error.message}`)
listener.close()
