/** Peers without post-quantum algorithms: welcome with the opt-in, refused without it. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { CLASSICAL_GROUPS } from '../../src/crypto/groups.js'
import type { NamedGroupName, SignatureSchemeName } from '../../src/crypto/index.js'
import { peerMissing, type ServerPeer, type ServerPeerOptions, startServerPeer } from '../support/nodePeer.js'
import { describeWith, listen, type OwnServer, receive, refuse, refusedAt, visit } from './ends.js'
import { authority, type Identity, identity, issue, rsaIdentity } from './identities.js'

const mldsa = identity('mldsa44')
const keyExchange = { allowClassicalKeyExchange: true }
const authentication = { allowClassicalAuthentication: true }
const both = { ...keyExchange, ...authentication }

/** OpenSSL's name of each group; it says the first in configuring and the second in reporting. */
const OPENSSL_NAMES: Readonly<Record<string, readonly [string, string]>> = {
  x25519: ['X25519', 'X25519'],
  secp256r1: ['P-256', 'prime256v1'],
  secp384r1: ['P-384', 'secp384r1'],
}

/** Made when first needed: RSA keys take their time. */
const CERTIFICATES: readonly (readonly [string, SignatureSchemeName, () => Identity])[] = [
  ['ECDSA P-256', 'ecdsa_secp256r1_sha256', () => identity('ecdsa-p256')],
  ['ECDSA P-384', 'ecdsa_secp384r1_sha384', () => identity('ecdsa-p384')],
  ['Ed25519', 'ed25519', () => identity('ed25519')],
  ['RSA', 'rsa_pss_rsae_sha256', () => rsaIdentity('rsa')],
  ['RSA', 'rsa_pss_rsae_sha384', () => rsaIdentity('rsa')],
  ['RSA', 'rsa_pss_rsae_sha512', () => rsaIdentity('rsa')],
  ['RSASSA-PSS', 'rsa_pss_pss_sha256', () => rsaIdentity('rsa-pss')],
]

async function startPeer(options: ServerPeerOptions): Promise<ServerPeer> {
  const peer = await startServerPeer(options)
  onTestFinished(() => peer.stop())
  return peer
}

/** The scheme under test, and what the P-256 root signs with where the leaf is of another kind. */
function certificateSchemes(scheme: SignatureSchemeName): SignatureSchemeName[] {
  return scheme.startsWith('rsa') ? [scheme, 'ecdsa_secp256r1_sha256'] : [scheme]
}

describeWith(peerMissing(), 'classical key exchange with Node 26', () => {
  const { ca, ...own } = mldsa
  let peer: ServerPeer
  let server: OwnServer
  let strict: OwnServer

  beforeAll(async () => {
    peer = await startServerPeer({ ...own, groups: ['X25519', 'P-256', 'P-384'] })
    server = await listen({ ...own, policy: keyExchange })
    strict = await listen(own)
  })
  afterAll(() => peer?.stop())

  it.each(CLASSICAL_GROUPS)('our client agrees on %s with its server, if the policy says so', async (group) => {
    const { socket } = await visit(peer, { ca, groups: [group], policy: keyExchange })
    expect(socket.protection?.keyExchange).toMatchObject({ group, mlkem: null })
  })

  it.each(CLASSICAL_GROUPS)('its client agrees on %s with our server, if the policy says so', async (group) => {
    const [name, reported] = OPENSSL_NAMES[group] as readonly [string, string]
    const { socket, peer: seen } = await receive(server, { ca, groups: [name] })
    expect(seen.group).toBe(reported)
    expect(socket.protection?.keyExchange).toMatchObject({ group, mlkem: null })
  })

  it('our client, which prefers hybrids, goes down to what the server has after a retry', async () => {
    const { socket } = await visit(peer, { ca, policy: keyExchange })
    expect(socket.protection?.keyExchange.group).toBe('x25519' satisfies NamedGroupName)
  })

  it('without the opt-in a classical server has nothing in common with our client: handshake_failure', async () => {
    const error = await refusedAt({ port: peer.port, ca })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'handshake_failure' })
  })

  it.each(CLASSICAL_GROUPS)('without the opt-in our server refuses %s: handshake_failure', async (group) => {
    const [name] = OPENSSL_NAMES[group] as readonly [string, string]
    const { result, error } = await refuse(strict, { ca, groups: [name] })
    expect(result.error?.alert).toBe(40)
    expect(error.code).toBe('ERR_NO_COMMON_GROUP')
  })
})

describeWith(peerMissing(), 'classical certificates with Node 26', () => {
  it.each(CERTIFICATES)('a %s certificate of its server, signing with %s', async (_, scheme, make) => {
    const { ca, cert, key } = make()
    const peer = await startPeer({ cert, key })
    const options = { ca, policy: authentication, sigalgs: certificateSchemes(scheme) }
    const { socket } = await visit(peer, options)
    expect(socket.protection).toMatchObject({
      keyExchange: { group: 'X25519MLKEM768' },
      authentication: { peer: 'certificate', scheme },
    })
  })

  it.each(CERTIFICATES)('a %s certificate of our server, signing with %s', async (_, scheme, make) => {
    const { ca, cert, key } = make()
    const server = await listen({ cert, key, policy: authentication })
    const { socket, peer: seen } = await receive(server, { ca, sigalgs: certificateSchemes(scheme) })
    expect(seen.authorized).toBe(true)
    expect(socket.protection?.authentication).toMatchObject({ local: 'certificate', localScheme: scheme })
  })

  it.each(CERTIFICATES)(
    '%s certificates of both its client and our server, signing with %s',
    async (_, scheme, make) => {
      const { ca, cert, key } = make()
      const sigalgs = certificateSchemes(scheme)
      const server = await listen({ cert, key, ca, requestCert: true, sigalgs, policy: both })
      const { socket } = await receive(server, { ca, cert, key, sigalgs, groups: ['X25519'] })
      expect(socket.protection).toMatchObject({
        keyExchange: { group: 'x25519' },
        authentication: { peer: 'certificate', scheme },
      })
    },
  )

  it.each(CERTIFICATES)(
    '%s certificates of both our client and its server, signing with %s',
    async (_, scheme, make) => {
      const { ca, cert, key } = make()
      const sigalgs = certificateSchemes(scheme)
      const peer = await startPeer({ cert, key, ca, requestCert: true, sigalgs })
      const { socket, peer: seen } = await visit(peer, { ca, cert, key, policy: authentication })
      expect(seen.authorized).toBe(true)
      expect(socket.protection?.authentication).toMatchObject({ scheme, local: 'certificate', localScheme: scheme })
    },
  )

  it('without the opt-in our client has no scheme in common with a classical server: handshake_failure', async () => {
    const { ca, cert, key } = identity('ecdsa-p256')
    const peer = await startPeer({ cert, key })
    const error = await refusedAt({ port: peer.port, ca })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'handshake_failure' })
  })

  it('without the opt-in our server has no scheme in common with a classical client: handshake_failure', async () => {
    const { ca, cert, key } = mldsa
    const server = await listen({ cert, key })
    const { result, error } = await refuse(server, { ca, sigalgs: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256'] })
    expect(result.error?.alert).toBe(40)
    expect(error.code).toBe('ERR_NO_COMMON_SIGNATURE_SCHEME')
  })

  it('without the opt-in our server refuses the classical certificate of a client that has no other', async () => {
    const { ca, cert, key } = mldsa
    const classical = identity('ecdsa-p256')
    const server = await listen({ cert, key, ca: [ca, classical.ca], requestCert: true })
    const { result, error } = await refuse(server, { ca, cert: classical.cert, key: classical.key })
    // OpenSSL's client shows no certificate that the server's list of schemes does not allow.
    expect(result.error?.alert).toBe(116)
    expect(error.code).toBe('ERR_CERTIFICATE_REQUIRED')
  })

  it('an ML-DSA leaf below a classical root is refused without the opt-in: unsupported_certificate', async () => {
    const { ca, cert, key } = issue('mldsa44', { ca: authority('ecdsa-p256') })
    const peer = await startPeer({ cert, key })
    const error = await refusedAt({ port: peer.port, ca })
    expect(error).toMatchObject({ code: 'ERR_UNSUPPORTED_CERTIFICATE' })
    expect((await peer.next('tlsClientError')).error.alert).toBe(43)
    const { socket } = await visit(peer, { ca, policy: authentication })
    expect(socket.protection?.authentication.scheme).toBe('mldsa44')
  })
})
