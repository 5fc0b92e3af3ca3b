// Runs in another Node: makes a key pair with its OpenSSL, or reads an encrypted key (JSON in, JSON out).
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { type, encrypted, passphrase } = JSON.parse(readFileSync(0, 'utf8'))
const privateKey = encrypted
  ? createPrivateKey({ key: encrypted, passphrase })
  : generateKeyPairSync(type, { modulusLength: 2048 }).privateKey
const encryption = passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}
process.stdout.write(
  JSON.stringify({
    key: privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }),
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('hex'),
  }),
)
