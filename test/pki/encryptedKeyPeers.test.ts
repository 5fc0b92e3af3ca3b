/** Encrypted private keys across implementations: OpenSSL 3.5 inside Node 24 and 26, and the openssl command. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { nodeProvider } from '../../src/crypto/index.js'
import { encodePublicKey, loadPrivateKey, readPem, writePrivateKeyPem } from '../../src/pki/index.js'
import { peerBinary, peerMissing } from '../support/nodePeer.js'
import { opensslMissing } from '../support/opensslCli.js'

const crypto = nodeProvider
const PASSPHRASE = 'correct horse'

function publicKeyOf(pem: string): string {
  const key = loadPrivateKey(pem, crypto, { passphrase: PASSPHRASE })
  return toHex(encodePublicKey(key.algorithm, key.publicKey))
}

for (const node of [24, 26] as const) {
  const missing = peerMissing(node)
  describe.skipIf(missing !== null)(`OpenSSL 3.5 in Node ${node}${missing ? ` (skipped: ${missing})` : ''}`, () => {
    const ask = (input: Record<string, string>): { key: string; publicKey: string } => {
      const { NODE_OPTIONS: _, ...env } = process.env
      const program = fileURLToPath(new URL('./makeKey.mjs', import.meta.url))
      const options = { input: JSON.stringify({ ...input, passphrase: PASSPHRASE }), encoding: 'utf8', env } as const
      const { stdout, stderr, status } = spawnSync(peerBinary(node) as string, [program], options)
      if (status !== 0) throw new Error(stderr)
      return JSON.parse(stdout)
    }

    it.each(['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87', 'ed25519', 'rsa'])(
      'writes encrypted %s keys that we read',
      (type) => {
        const { key, publicKey } = ask({ type })
        expect(readPem(key)[0]?.label).toBe('ENCRYPTED PRIVATE KEY')
        expect(publicKeyOf(key)).toBe(publicKey)
      },
    )

    it.each(['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'] as const)(
      'reads our encrypted %s keys',
      (algorithm) => {
        const material = crypto.generateSigningKey(algorithm)
        const encrypted = writePrivateKeyPem(material, { passphrase: PASSPHRASE })
        expect(ask({ encrypted }).publicKey).toBe(publicKeyOf(encrypted))
      },
    )
  })
}

const noOpenssl = opensslMissing()
describe.skipIf(noOpenssl !== null)(`the openssl command${noOpenssl ? ` (skipped: ${noOpenssl})` : ''}`, () => {
  const openssl = (input: string, ...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync('openssl', words, { input, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }
  const pass = `pass:${PASSPHRASE}`
  const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const publicKeyByOpenssl = (pem: string): string => {
    const written = openssl(pem, 'pkey', '-pubout', '-passin', pass)
    return toHex(readPem(written)[0]?.der as Uint8Array)
  }

  it.each(['-aes128', '-aes192', '-aes256'])('genpkey %s writes keys that we read', (cipher) => {
    const pem = openssl('', 'genpkey', ...curve, cipher, '-pass', pass)
    expect(publicKeyOf(pem)).toBe(publicKeyByOpenssl(pem))
  })

  it.each([
    ['scrypt', ['-scrypt']],
    ['HMAC-SHA-1', ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1']],
    ['HMAC-SHA-384', ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA384']],
    ['HMAC-SHA-512', ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '5000']],
  ] as const)('pkcs8 with %s writes keys that we read', (_, options) => {
    const plain = openssl('', 'genpkey', ...curve)
    const pem = openssl(plain, 'pkcs8', '-topk8', ...options, '-passout', pass)
    expect(publicKeyOf(pem)).toBe(publicKeyByOpenssl(plain))
  })

  it.each(['ecdsa-p256', 'ed25519'] as const)('reads our encrypted %s keys', (algorithm) => {
    const pem = writePrivateKeyPem(crypto.generateSigningKey(algorithm), { passphrase: PASSPHRASE })
    expect(publicKeyByOpenssl(pem)).toBe(publicKeyOf(pem))
  })
})
