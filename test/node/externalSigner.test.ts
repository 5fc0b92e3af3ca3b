/** Keys that are elsewhere: who signs gets the message, and nobody gets a signature that is wrong. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  connect,
  createSecureContext,
  type ExternalSigner,
  type ServerOptions,
  type TLSSocket,
  TrefoilError,
} from '../../src/index.js'
import { loadPrivateKey } from '../../src/pki/index.js'
import { PROVIDERS } from '../support/providers.js'
import { refusal as codeOf } from '../support/refusal.js'
import {
  authority,
  ca,
  clientIdentity,
  crypto,
  failure,
  identity,
  listen,
  refusal,
  secured,
  serverIdentity,
  shake,
  tcpClient,
} from './fixtures.js'

type Sign = ExternalSigner['sign']

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const signing = (pem: string): ExternalSigner & { readonly asked: string[] } => {
  const key = loadPrivateKey(pem, crypto)
  const asked: string[] = []
  return {
    asked,
    async sign(scheme, message) {
      asked.push(scheme)
      await later()
      return Buffer.from(key.sign(scheme, message))
    },
  }
}
const serverSigning = (sign: Sign): ServerOptions => ({ cert: serverIdentity.cert, key: { sign } })

describe.each(PROVIDERS)('an external signer with $name', (provider) => {
  it('signs for a server and for a client that hold no key', async () => {
    const [atServer, atClient] = [signing(serverIdentity.key), signing(clientIdentity.key)]
    const { client, server } = await shake(
      { cert: serverIdentity.cert, key: atServer, ca, requestCert: true, crypto: provider },
      { ca, cert: clientIdentity.cert, key: atClient, crypto: provider },
    )
    expect([client.authorized, server.authorized]).toEqual([true, true])
    expect([atServer.asked, atClient.asked]).toEqual([['mldsa44'], ['mldsa44']])
  })

  it('may answer at once', async () => {
    const key = loadPrivateKey(serverIdentity.key, crypto)
    const options = { ...serverSigning((scheme, message) => key.sign(scheme, message)), crypto: provider }
    expect((await shake(options, { ca })).client.authorized).toBe(true)
  })
})

describe('what comes from an external signer', () => {
  const stranger = loadPrivateKey(identity(authority('x'), ['x']).key, crypto)
  const own = loadPrivateKey(serverIdentity.key, crypto)

  it.each<[string, Sign]>([
    ['a signature of another key', (scheme, message) => stranger.sign(scheme, message)],
    ['a signature of another message', (scheme) => own.sign(scheme, new Uint8Array(3))],
    ['an empty signature', () => new Uint8Array(0)],
    ['no octets', () => 'signature' as never],
    ['nothing', () => undefined as never],
  ])('is held against the certificate: %s is ERR_SIGNER here, and no peer sees it', async (_, sign) => {
    const errors = await refusal(serverSigning(sign), { ca })
    expect(errors.server).toMatchObject({ code: 'ERR_SIGNER', blame: 'local' })
    expect(errors.client).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'internal_error' })
  })

  it.each<[string, Sign]>([
    ['thrown', () => Promise.reject(new Error('PIN 1234 rejected'))],
    [
      'thrown at once',
      () => {
        throw new TrefoilError('ERR_DECODE', 'PIN 1234 rejected')
      },
    ],
  ])('by way of an error says nothing of the signer: %s', async (_, sign) => {
    const { server } = await refusal(serverSigning(sign), { ca })
    expect(server).toMatchObject({ code: 'ERR_SIGNER', message: 'the signer of our certificate key failed' })
    expect(server.cause).toBeUndefined()
  })

  it('by way of an ERR_SIGNER of its own is passed on', async () => {
    const sign = () => Promise.reject(new TrefoilError('ERR_SIGNER', 'slot 3 is empty'))
    expect((await refusal(serverSigning(sign), { ca })).server.message).toBe('slot 3 is empty')
  })
})

describe('an external signer that does not answer', () => {
  const hanging = () => {
    const signals: AbortSignal[] = []
    const sign: Sign = (_scheme, _message, { signal }) => {
      signals.push(signal)
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    return { signals, sign }
  }

  it('ends with the handshake timeout, and is told', async () => {
    const { signals, sign } = hanging()
    const errors = await refusal({ ...serverSigning(sign), handshakeTimeout: 200 }, { ca })
    expect(errors.server.code).toBe('ERR_HANDSHAKE_TIMEOUT')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('is told when the peer has gone', async () => {
    const { signals, sign } = hanging()
    const { port } = await listen(serverSigning(sign))
    const transport = await tcpClient(port)
    const client = connect({ socket: transport, servername: 'localhost', ca })
    client.on('error', () => {})
    await expect.poll(() => signals.length).toBe(1)
    expect(signals[0]?.aborted).toBe(false)
    transport.destroy()
    await expect.poll(() => signals[0]?.aborted).toBe(true)
  })

  it('is told when the socket is destroyed, on a client too', async () => {
    const { signals, sign } = hanging()
    const { port } = await listen({ ...serverIdentity, ca, requestCert: true })
    const client = connect({ host: '127.0.0.1', port, ca, cert: clientIdentity.cert, key: { sign } })
    const failed = failure(client)
    await expect.poll(() => signals.length).toBe(1)
    client.destroy(new Error('enough'))
    expect((await failed).code).toBe('ERR_ABORTED')
    expect(signals[0]?.aborted).toBe(true)
  })

  it('holds up no other handshake', async () => {
    const own = loadPrivateKey(serverIdentity.key, crypto)
    const held: (() => void)[] = []
    let count = 0
    const sign: Sign = (scheme, message) => {
      const signature = own.sign(scheme, message)
      // Every second one waits until all others are through.
      if (count++ % 2 === 1) return Promise.resolve(signature)
      return new Promise((resolve) => held.push(() => resolve(signature)))
    }
    const { server, port } = await listen(serverSigning(sign))
    const accepted: TLSSocket[] = []
    server.on('secureConnection', (socket: TLSSocket) => accepted.push(socket))
    const clients = Array.from({ length: 10 }, () => secured(connect({ host: '127.0.0.1', port, ca })))
    await expect.poll(() => [held.length, accepted.length]).toEqual([5, 5])
    for (const release of held) release()
    await Promise.all(clients)
    await expect.poll(() => accepted.length).toBe(10)
  })
})

describe('an external signer is set up', () => {
  it('with a public key only for the certificate that has it', () => {
    const { publicKey } = loadPrivateKey(serverIdentity.key, crypto)
    const load = (own: Uint8Array) =>
      codeOf(() => createSecureContext({ cert: serverIdentity.cert, key: { publicKey: own, sign: () => own } }))
    expect(load(publicKey)).toBeNull()
    expect(load(publicKey.subarray(1))).toBe('ERR_INVALID_OPTION')
  })

  it('with the schemes that it makes, which limit those of the certificate', async () => {
    const classicalCa = authority('Classical CA', 'ecdsa-p256')
    const own = identity(classicalCa, ['127.0.0.1'], 'ecdsa-p256')
    const policy = { allowClassicalAuthentication: true }
    const signer = { ...signing(own.key), schemes: ['ecdsa_secp256r1_sha256'] as const }
    const { client } = await shake({ cert: own.cert, key: signer, policy }, { ca: classicalCa.certificatePem, policy })
    expect(client.protection?.authentication.scheme).toBe('ecdsa_secp256r1_sha256')
    const none = { ...signer, schemes: [] }
    expect(codeOf(() => createSecureContext({ cert: own.cert, key: none, policy }))).toBe('ERR_INVALID_OPTION')
  })
})

it('a server whose signer fails goes on for the next client', async () => {
  const own = loadPrivateKey(serverIdentity.key, crypto)
  let failing = true
  const { server, port } = await listen(
    serverSigning((scheme, message) => {
      if (failing) throw new Error('offline')
      return own.sign(scheme, message)
    }),
  )
  const refused = once(server, 'tlsClientError')
  expect((await failure(connect({ host: '127.0.0.1', port, ca }))).alert).toBe('internal_error')
  await refused
  failing = false
  expect((await secured(connect({ host: '127.0.0.1', port, ca }))).authorized).toBe(true)
})
