/** Signing threads. A thread loads the built program, so these tests use the package as it is built, by its own name. */
import { spawnSync } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeProvider } from '../../src/crypto/index.js'
import { parsePrivateKey, writePrivateKeyPem } from '../../src/pki/index.js'
import { authority, ca, identity, serverIdentity } from './fixtures.js'

type Package = typeof import('../../src/index.js')
type SignerOptions = Parameters<Package['workerSigner']>[0]

const NAME: string = 'trefoil'
const { connect, createServer, workerSigner }: Package = await import(NAME)
const MESSAGE = new Uint8Array(146).fill(1)
const { signal } = new AbortController()
setMaxListeners(0, signal)

function started(options: SignerOptions) {
  const signer = workerSigner(options)
  onTestFinished(() => signer.close())
  return signer
}

const mldsa = (options: Partial<SignerOptions> = {}) => started({ key: serverIdentity.key, ...options })
const verifies = (publicKey: Uint8Array, signature: Uint8Array): boolean =>
  nodeProvider.verifyingKey('mldsa44', publicKey).verify('mldsa44', MESSAGE, signature)
const code = (promise: Promise<unknown> | unknown): Promise<string> =>
  Promise.resolve(promise).then(
    () => 'no error',
    (error: { code: string }) => error.code,
  )

describe('a signer in threads', () => {
  it.each([1, 3])('signs with %i of them, many messages at once', async (threads) => {
    const signer = mldsa({ threads })
    expect(signer.algorithm).toBe('mldsa44')
    const signatures = await Promise.all(Array.from({ length: 12 }, () => signer.sign('mldsa44', MESSAGE, { signal })))
    for (const signature of signatures) expect(verifies(signer.publicKey, signature)).toBe(true)
  })

  it.each(['ecdsa-p256', 'ed25519'] as const)('signs with %s too', async (algorithm) => {
    const { key } = identity(authority('x', 'ed25519'), ['x'], algorithm)
    const signer = started({ key })
    const scheme = algorithm === 'ed25519' ? 'ed25519' : 'ecdsa_secp256r1_sha256'
    const signature = await signer.sign(scheme, MESSAGE, { signal })
    expect(nodeProvider.verifyingKey(algorithm, signer.publicKey).verify(scheme, MESSAGE, signature)).toBe(true)
  })

  it('takes an encrypted key', async () => {
    const key = writePrivateKeyPem(parsePrivateKey(serverIdentity.key), { passphrase: 'x' })
    const signer = mldsa({ key, passphrase: 'x' })
    expect(verifies(signer.publicKey, await signer.sign('mldsa44', MESSAGE, { signal }))).toBe(true)
    expect(() => workerSigner({ key, passphrase: 'y' })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_KEY' }))
  })

  it('does not sign on the thread that asks', async () => {
    const order: string[] = []
    const signature = mldsa().sign('mldsa44', MESSAGE, { signal })
    setImmediate(() => order.push('another turn of the event loop'))
    await signature
    order.push('signed')
    expect(order).toEqual(['another turn of the event loop', 'signed'])
  })

  it('signs for a server with several handshakes going on at once', async () => {
    const signer = mldsa({ threads: 2 })
    const server = createServer({ cert: serverIdentity.cert, key: signer }, (socket) => socket.end('hello'))
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const greet = async (): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port, ca })
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      return text
    }
    expect(await Promise.all(Array.from({ length: 8 }, greet))).toEqual(Array(8).fill('hello'))
  })

  it('refuses what its key does not sign, and signs on', async () => {
    const signer = mldsa()
    expect(await code(signer.sign('mldsa65', MESSAGE, { signal }))).toBe('ERR_SIGNER')
    expect(verifies(signer.publicKey, await signer.sign('mldsa44', MESSAGE, { signal }))).toBe(true)
  })

  it('forgets a message that nobody waits for, whether it has begun or not', async () => {
    const signer = mldsa()
    const controller = new AbortController()
    const begun = signer.sign('mldsa44', MESSAGE, { signal: controller.signal })
    const waiting = signer.sign('mldsa44', MESSAGE, { signal: controller.signal })
    const last = signer.sign('mldsa44', MESSAGE, { signal })
    controller.abort()
    const late = signer.sign('mldsa44', MESSAGE, { signal: controller.signal })
    expect(await Promise.all([begun, waiting, late].map(code))).toEqual(Array(3).fill('ERR_SIGNER'))
    expect(verifies(signer.publicKey, await last)).toBe(true)
  })

  it('refuses what waits when it is closed, and everything afterwards', async () => {
    const signer = mldsa()
    const waiting = Array.from({ length: 3 }, () => code(signer.sign('mldsa44', MESSAGE, { signal })))
    await signer.close()
    expect(await Promise.all(waiting)).toEqual(Array(3).fill('ERR_SIGNER'))
    expect(await code(signer.sign('mldsa44', MESSAGE, { signal }))).toBe('ERR_SIGNER')
    await signer.close()
  })

  it.each<[string, SignerOptions, string]>([
    ['no threads', { key: serverIdentity.key, threads: 0 }, 'ERR_INVALID_OPTION'],
    ['half a thread', { key: serverIdentity.key, threads: 1.5 }, 'ERR_INVALID_OPTION'],
    ['a key of no form', { key: 5 as never }, 'ERR_INVALID_OPTION'],
    ['a text without a key', { key: 'nothing' }, 'ERR_INVALID_KEY'],
  ])('is not made with %s', (_, options, expected) => {
    expect(() => workerSigner(options)).toThrow(expect.objectContaining({ code: expected }))
  })

  it('does not keep a process alive that has forgotten to close it', () => {
    const program = `
      import { workerSigner } from 'trefoil'
      const signer = workerSigner({ key: process.env.KEY, threads: 2 })
      const signature = await signer.sign('mldsa44', new Uint8Array(3), { signal: new AbortController().signal })
      console.log(signature.length)`
    const args = ['--input-type=module', '--eval', program]
    const env = { ...process.env, KEY: serverIdentity.key }
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env, timeout: 20_000 })
    expect([stdout, stderr, status]).toEqual(['2420\n', '', 0])
  })
})
