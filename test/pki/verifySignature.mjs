// Runs in another Node: says whether its OpenSSL takes a signature without a hash of its own (JSON in, JSON out; octets in hex).
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const octets = (hex) => Buffer.from(hex, 'hex')
const { data, signature, publicKey } = JSON.parse(readFileSync(0, 'utf8'))
const key = createPublicKey({ key: octets(publicKey), format: 'der', type: 'spki' })
process.stdout.write(JSON.stringify({ verifies: verify(null, octets(data), key, octets(signature)) }))
