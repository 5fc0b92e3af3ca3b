/** Raw public keys whose private halves come in other forms, or stay elsewhere; and the caller's word on such a peer. */
import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { connect, createSecureContext, type ExternalSigner, type PeerFacts } from '../../../src/index.js'
import { loadPrivateKey, parsePrivateKey, writePrivateKeyPem } from '../../../src/pki/index.js'
import { refusal as codeOf } from '../../support/refusal.js'
import { crypto, listen, refusal, secured, serverIdentity, shake } from '../fixtures.js'
import { byKey, mutual, pinning, rawKey, server, serverSpki, sessionOf } from './keys.js'

const signing = loadPrivateKey(server.key, crypto)
const sign: ExternalSigner['sign'] = async (scheme, message) => signing.sign(scheme, message)
const signer: ExternalSigner = { algorithm: 'mldsa44', publicKey: signing.publicKey, sign }
const encrypted = writePrivateKeyPem(parsePrivateKey(server.key), { passphrase: 'x' })

describe('a raw public key may be signed for', () => {
  it.each([
    ['with an encrypted key', { pem: encrypted, passphrase: 'x' }],
    ['by an external signer', signer],
  ])('%s', async (_, key) => {
    const { client } = await shake({ rawPublicKey: true, key }, pinning)
    expect(client.protection?.authentication).toMatchObject({ peer: 'certificate', certificateType: 'RawPublicKey' })
  })

  it('with a KeyObject', async () => {
    const own = rawKey('classical', 'ed25519')
    const policy = { allowClassicalAuthentication: true }
    const key = createPrivateKey(own.key)
    const { client } = await shake(
      { rawPublicKey: true, key, policy },
      { servername: 'localhost', pinnedKeys: [own.publicKey], policy },
    )
    expect(client.protection?.authentication.scheme).toBe('ed25519')
  })

  it('by the signer of a certificate with the same key', async () => {
    const own = loadPrivateKey(serverIdentity.key, crypto)
    const key: ExternalSigner = { sign: (scheme, message) => own.sign(scheme, message) }
    const { client } = await shake(
      { cert: serverIdentity.cert, key, rawPublicKey: true },
      { servername: 'localhost', pinnedKeys: [serverSpki] },
    )
    expect(client.protection?.authentication.certificateType).toBe('RawPublicKey')
  })

  it('by nobody whose key is not known beforehand, or is another', async () => {
    const load = (key: ExternalSigner) => codeOf(() => createSecureContext({ rawPublicKey: true, key }))
    expect(load(signer)).toBeNull()
    expect(load({ sign })).toBe('ERR_INVALID_OPTION')
    expect(load({ ...signer, algorithm: 'mldsa65' })).toBe('ERR_INVALID_OPTION')
    expect(load({ ...signer, schemes: [] })).toBe('ERR_INVALID_OPTION')
    const wrong = { ...signer, sign: () => new Uint8Array(2420) }
    const errors = await refusal({ rawPublicKey: true, key: wrong }, pinning)
    expect([errors.server.code, errors.client.alert]).toEqual(['ERR_SIGNER', 'internal_error'])
  })
})

describe('acceptPeer', () => {
  it('is told the raw public key and its names, in a resumed session too', async () => {
    const seen: PeerFacts[] = []
    const acceptPeer = (peer: PeerFacts) => void seen.push(peer)
    const { port } = await listen({ ...mutual.server, acceptPeer })
    const session = await sessionOf(port, mutual.client)
    const resumed = await secured(connect({ host: '127.0.0.1', port, ...mutual.client, session }))
    expect(resumed.isSessionReused()).toBe(true)
    await expect.poll(() => seen.length).toBe(2)
    for (const peer of seen) {
      expect(peer).toMatchObject({ certificate: null, certificateChain: null, rawPublicKey: { names: ['branch-17'] } })
      expect(peer.protection.authentication).toMatchObject({ peer: 'certificate', certificateType: 'RawPublicKey' })
    }
  })

  it('may refuse a key that is pinned', async () => {
    const errors = await refusal(byKey, { ...pinning, acceptPeer: ({ rawPublicKey }) => rawPublicKey === null })
    expect([errors.client.code, errors.server.alert]).toEqual(['ERR_PEER_REFUSED_BY_CALLER', 'access_denied'])
  })
})
