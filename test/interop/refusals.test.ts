/** What must not be: each refusal with the typed error on our side and the alert that a real peer saw or sent. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { ErrorCode } from '../../src/index.js'
import {
  peerMissing,
  runClientPeer,
  type ServerPeer,
  type ServerPeerOptions,
  startServerPeer,
} from '../support/nodePeer.js'
import { describeWith, listen, type OwnServer, receive, refuse, refusedAt, visit } from './ends.js'
import { authority, type Identity, identity, impostor, issue } from './identities.js'

const ALGORITHM = 'mldsa44'
const DAY = 86_400_000
const { ca, ...own } = identity(ALGORITHM)

interface BadCertificate {
  readonly what: string
  readonly make: () => Identity
  readonly code: ErrorCode
  readonly alert: number
}

/** Bad whoever shows them. */
const BAD_CERTIFICATES: readonly BadCertificate[] = [
  {
    what: 'from an authority that is not trusted',
    make: () => issue(ALGORITHM, { ca: authority('mldsa65') }),
    code: 'ERR_UNKNOWN_CA',
    alert: 48,
  },
  {
    what: 'from an impostor with the name of a trusted authority',
    make: () => issue(ALGORITHM, { ca: impostor(ALGORITHM) }),
    code: 'ERR_UNKNOWN_CA',
    alert: 48,
  },
  {
    what: 'that has expired',
    make: () => issue(ALGORITHM, { notBefore: Date.now() - 3 * DAY, days: 2 }),
    code: 'ERR_CERTIFICATE_EXPIRED',
    alert: 45,
  },
  {
    what: 'that is not valid yet',
    make: () => issue(ALGORITHM, { notBefore: Date.now() + DAY, days: 2 }),
    code: 'ERR_CERTIFICATE_NOT_YET_VALID',
    alert: 45,
  },
]

const BAD_SERVER_CERTIFICATES: readonly BadCertificate[] = [
  ...BAD_CERTIFICATES,
  {
    what: 'with another name',
    make: () => issue(ALGORITHM, { subjectAltNames: ['example.com', '192.0.2.1'] }),
    code: 'ERR_CERTIFICATE_NAME_MISMATCH',
    alert: 42,
  },
  {
    what: 'for clients only',
    make: () => issue(ALGORITHM, { usage: ['client'] }),
    code: 'ERR_UNSUPPORTED_CERTIFICATE',
    alert: 43,
  },
]

const BAD_CLIENT_CERTIFICATES: readonly BadCertificate[] = [
  ...BAD_CERTIFICATES,
  {
    what: 'for servers only',
    make: () => issue(ALGORITHM, { usage: ['server'] }),
    code: 'ERR_UNSUPPORTED_CERTIFICATE',
    alert: 43,
  },
]

/** What Node's `tls` says of a certificate of ours; it sends no alert. */
const REFUSED_BY_NODE: readonly (readonly [string, () => Identity, string])[] = [
  ['from an authority that is not trusted', () => issue(ALGORITHM, { ca: authority('mldsa65') }), 'UNABLE_TO_VERIFY'],
  ['that has expired', () => issue(ALGORITHM, { notBefore: Date.now() - 3 * DAY, days: 2 }), 'CERT_HAS_EXPIRED'],
  ['with another name', () => issue(ALGORITHM, { subjectAltNames: ['example.com'] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
]

async function startPeer(options: ServerPeerOptions): Promise<ServerPeer> {
  const peer = await startServerPeer(options)
  onTestFinished(() => peer.stop())
  return peer
}

describeWith(peerMissing(), 'bad certificates with Node 26', () => {
  let mutual: OwnServer

  beforeAll(async () => {
    mutual = await listen({ ...own, ca, requestCert: true })
  })

  it.each(BAD_SERVER_CERTIFICATES)('our client refuses a server certificate $what: $code', async (bad) => {
    const { cert, key } = bad.make()
    const peer = await startPeer({ cert, key })
    expect((await refusedAt({ port: peer.port, ca })).code).toBe(bad.code)
    expect((await peer.next('tlsClientError')).error.alert).toBe(bad.alert)
    expect(peer.events.some(({ event }) => event === 'secureConnection')).toBe(false)
  })

  it('our client looks for the address that it connects to where it knows no name', async () => {
    const { cert, key } = issue(ALGORITHM, { subjectAltNames: ['localhost'] })
    const peer = await startPeer({ cert, key })
    expect((await refusedAt({ port: peer.port, ca, servername: '127.0.0.1' })).code).toBe(
      'ERR_CERTIFICATE_NAME_MISMATCH',
    )
    expect((await peer.next('tlsClientError')).error.alert).toBe(42)
  })

  it.each(BAD_CLIENT_CERTIFICATES)('our server refuses a client certificate $what: $code', async (bad) => {
    const { cert, key } = bad.make()
    const { result, error } = await refuse(mutual, { ca, cert, key })
    expect(error.code).toBe(bad.code)
    expect(result.error?.alert).toBe(bad.alert)
    expect(result.received.bytes).toBe(0)
  })

  it.each(REFUSED_BY_NODE)('its client refuses a certificate of our server %s: $2', async (_, make, code) => {
    const { cert, key } = make()
    const server = await listen({ cert, key })
    const result = await runClientPeer({ port: server.port, ca, send: { bytes: 10, seed: 1 }, expectEcho: true })
    expect(result).toMatchObject({ ok: false, received: { bytes: 0 } })
    expect(result.error?.code).toContain(code)
  })

  it('our client learns that its certificate was not believed: nothing is echoed, and it ends with an error', async () => {
    const stranger = issue(ALGORITHM, { ca: authority('mldsa65') })
    const peer = await startPeer({ ...own, ca, requestCert: true })
    const error = await refusedAt({ port: peer.port, ca, cert: stranger.cert, key: stranger.key })
    expect(['ERR_TRUNCATED', 'ERR_TRANSPORT', 'ERR_ALERT_RECEIVED']).toContain(error.code)
  })

  it('with rejectUnauthorized false our client goes on, and says why the server is not authorized', async () => {
    const { cert, key } = issue(ALGORITHM, { ca: authority('mldsa65') })
    const peer = await startPeer({ cert, key })
    const { socket } = await visit(peer, { ca, rejectUnauthorized: false })
    expect(socket.authorized).toBe(false)
    expect(socket.authorizationError?.code).toBe('ERR_UNKNOWN_CA')
    expect(socket.protection?.authentication.peer).toBeNull()
  })
})

describeWith(peerMissing(), 'nothing in common with Node 26', () => {
  let peer: ServerPeer
  let server: OwnServer

  beforeAll(async () => {
    peer = await startServerPeer({ ...own, groups: ['X25519MLKEM768'], ciphers: 'TLS_AES_128_GCM_SHA256' })
    server = await listen({ ...own, groups: ['X25519MLKEM768'], ciphers: ['TLS_AES_256_GCM_SHA384'] })
  })
  afterAll(() => peer?.stop())

  it('a TLS 1.2 server refuses our client: protocol_version', async () => {
    const old = await startPeer({ ...identity('ecdsa-p256'), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
    const error = await refusedAt({ port: old.port, ca })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'protocol_version' })
    expect((await old.next('tlsClientError')).error.code).toBe('ERR_SSL_UNSUPPORTED_PROTOCOL')
  })

  it('our server refuses a TLS 1.2 client: protocol_version', async () => {
    const { result, error } = await refuse(server, { ca, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
    expect(result.error?.alert).toBe(70)
    expect(error.code).toBe('ERR_PROTOCOL_VERSION')
  })

  it('our server takes TLS 1.3 from a client that would also speak TLS 1.2', async () => {
    const { peer: seen } = await receive(server, { ca, groups: ['X25519MLKEM768'], minVersion: 'TLSv1.2' })
    expect(seen.protocol).toBe('TLSv1.3')
  })

  it('our client takes TLS 1.3 from a server that would also speak TLS 1.2', async () => {
    const either = await startPeer({ ...own, minVersion: 'TLSv1.2' })
    const { peer: seen } = await visit(either, { ca })
    expect(seen.protocol).toBe('TLSv1.3')
  })

  it('no group: handshake_failure from its server', async () => {
    const error = await refusedAt({ port: peer.port, ca, groups: ['SecP384r1MLKEM1024', 'SecP256r1MLKEM768'] })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'handshake_failure' })
  })

  it('no group: handshake_failure from our server', async () => {
    const { result, error } = await refuse(server, { ca, groups: ['SecP384r1MLKEM1024', 'SecP256r1MLKEM768'] })
    expect(result.error?.alert).toBe(40)
    expect(error.code).toBe('ERR_NO_COMMON_GROUP')
  })

  it('no cipher suite: handshake_failure from its server', async () => {
    const error = await refusedAt({ port: peer.port, ca, ciphers: ['TLS_AES_256_GCM_SHA384'] })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'handshake_failure' })
  })

  it('no cipher suite: handshake_failure from our server', async () => {
    const { result, error } = await refuse(server, { ca, ciphers: 'TLS_AES_128_GCM_SHA256' })
    expect(result.error?.alert).toBe(40)
    expect(error.code).toBe('ERR_NO_COMMON_CIPHER_SUITE')
  })

  it('no signature scheme: handshake_failure from its server', async () => {
    const error = await refusedAt({ port: peer.port, ca, sigalgs: ['mldsa87'], ciphers: ['TLS_AES_128_GCM_SHA256'] })
    expect(error).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'handshake_failure' })
  })

  it('no signature scheme: handshake_failure from our server', async () => {
    const { result, error } = await refuse(server, { ca, sigalgs: ['mldsa87'] })
    expect(result.error?.alert).toBe(40)
    expect(error.code).toBe('ERR_NO_COMMON_SIGNATURE_SCHEME')
  })
})
