// The combiner by itself: what comes out depends on both inputs, and nothing else is needed to use or test it.
import { nobleProvider } from 'trefoil/crypto'
import { EarlySecret, trafficKeys } from 'trefoil/tls'

const psk = new Uint8Array(48).fill(1) // a QKD key, imported
const sharedSecret = new Uint8Array(64).fill(2) // ML-KEM secret ‖ X25519 secret
const helloHash = nobleProvider.hash('SHA-384', new TextEncoder().encode('ClientHello…ServerHello'))

const early = new EarlySecret(nobleProvider, 'SHA-384', psk)
const handshake = early.enterHandshake(sharedSecret) // wipes the early stage
const trafficSecret = handshake.clientHandshakeTrafficSecret(helloHash)
const { key, iv } = trafficKeys(nobleProvider, 'SHA-384', trafficSecret, 32)
console.log(`key ${Buffer.from(key).toString('hex')}`)
console.log(`iv  ${Buffer.from(iv).toString('hex')}`)
handshake.enterMain().wipe()
