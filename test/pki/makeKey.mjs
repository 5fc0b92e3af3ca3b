// Runs in another Node: makes a key pair with its OpenSSL (JSON in, JSON out).
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { type } = JSON.parse(readFileSync(0, 'utf8'))
const { privateKey, publicKey } = generateKeyPairSync(type)
const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
process.stdout.write(
  JSON.stringify({ key, publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('hex') }),
)
