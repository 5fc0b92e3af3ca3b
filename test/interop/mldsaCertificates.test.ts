/** ML-DSA certificates of all three parameter sets, for servers and for clients, to and from OpenSSL 3.5. */
import type { DetailedPeerCertificate } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { createSecureContext, type TLSSocket } from '../../src/index.js'
import { loadCertificates } from '../../src/pki/index.js'
import { peerMissing, type ServerPeer, startServerPeer } from '../support/nodePeer.js'
import { describeWith, listen, type OwnServer, receive, refuse, visit } from './ends.js'
import { authority, type Identity, identity, identityBelowIntermediate } from './identities.js'

const LEVELS = ['mldsa44', 'mldsa65', 'mldsa87'] as const
const roots = LEVELS.map((level) => authority(level).certificatePem)

/** Server, client: every level in either place, and never the same one twice. */
const PAIRS = LEVELS.map((level, i) => [level, LEVELS[(i + 1) % LEVELS.length] as (typeof LEVELS)[number]] as const)

for (const node of [24, 26] as const) {
  describeWith(peerMissing(node), `ML-DSA certificates with Node ${node}`, () => {
    it.each(PAIRS)('its %s server and our %s client authenticate each other', async (serverLevel, clientLevel) => {
      const { cert, key } = identity(serverLevel)
      const peer = await startServerPeer({ node, cert, key, ca: roots, requestCert: true })
      try {
        const own = identity(clientLevel)
        const { socket, peer: seen } = await visit(peer, { ca: roots, cert: own.cert, key: own.key })
        expect(seen).toMatchObject({ authorized: true, peerCertificate: leafOf(own) })
        expect(socket.protection?.authentication).toEqual({
          peer: 'certificate',
          scheme: serverLevel,
          local: 'certificate',
          localScheme: clientLevel,
          certificateType: 'X509',
          bootstrap: null,
        })
        expect(shownTo(socket)).toBe(leafOf(identity(serverLevel)))
      } finally {
        await peer.stop()
      }
    })

    it.each(PAIRS)('our %s server and its %s client authenticate each other', async (serverLevel, clientLevel) => {
      const { cert, key } = identity(serverLevel)
      const server = await listen({ cert, key, ca: roots, requestCert: true })
      const own = identity(clientLevel)
      const { socket, peer: seen } = await receive(server, { node, ca: roots, cert: own.cert, key: own.key })
      expect(seen).toMatchObject({ authorized: true, peerCertificate: leafOf(identity(serverLevel)) })
      expect(socket.protection?.authentication).toEqual({
        peer: 'certificate',
        scheme: clientLevel,
        local: 'certificate',
        localScheme: serverLevel,
        certificateType: 'X509',
        bootstrap: null,
      })
      expect(socket.authorized).toBe(true)
      expect(shownTo(socket)).toBe(leafOf(own))
    })
  })
}

describeWith(peerMissing(), 'chains and choices of certificates with Node 26', () => {
  const chained = identityBelowIntermediate('mldsa65')
  let peer: ServerPeer
  let server: OwnServer

  beforeAll(async () => {
    const { ca, cert, key } = chained
    peer = await startServerPeer({ ca, cert, key, requestCert: true })
    server = await listen({ ca, cert, key, requestCert: true })
  })
  afterAll(() => peer?.stop())

  it('a chain with an intermediate authority verifies from its server to our client, and back', async () => {
    const { socket, peer: seen } = await visit(peer, chained)
    expect(seen).toMatchObject({ authorized: true, peerCertificate: leafOf(chained) })
    const shown = socket.getPeerCertificate(true) as DetailedPeerCertificate
    expect(shown.issuerCertificate.subject.CN).toBe('Interop intermediate')
  })

  it('a chain with an intermediate authority verifies from our server to its client, and back', async () => {
    const { socket, peer: seen } = await receive(server, chained)
    expect(seen.authorized).toBe(true)
    expect(socket.authorized).toBe(true)
  })

  it('our server takes no client without a certificate when it requires one: certificate_required', async () => {
    const { result, error } = await refuse(server, { ca: chained.ca })
    expect(result.error?.alert).toBe(116)
    expect(error.code).toBe('ERR_CERTIFICATE_REQUIRED')
  })

  it('our server lets a client without a certificate pass, unauthorized, when it only asks', async () => {
    const asking = await listen({ ...identity('mldsa44'), requestCert: true, rejectUnauthorized: false })
    const { socket, peer: seen } = await receive(asking, { ca: roots })
    expect(seen.authorized).toBe(true)
    expect([socket.authorized, socket.protection?.authentication.peer]).toEqual([false, null])
  })

  it('our server shows a client the one of several certificates whose scheme the client takes', async () => {
    const [first, second] = [identity('mldsa44'), identity('mldsa87')]
    const several = await listen({ cert: [first.cert, second.cert], key: [first.key, second.key] })
    for (const own of [first, second]) {
      const sigalgs = [own === first ? 'mldsa44' : 'mldsa87']
      const { peer: seen } = await receive(several, { ca: roots, sigalgs })
      expect(seen.peerCertificate).toBe(leafOf(own))
    }
  })

  it('our server shows the certificate of the name that the client asks for', async () => {
    const [plain, special] = [identity('mldsa44'), identity('mldsa65')]
    const named = await listen({
      cert: plain.cert,
      key: plain.key,
      SNICallback: (name, callback) =>
        callback(
          null,
          name === 'localhost' ? createSecureContext({ cert: special.cert, key: special.key }) : undefined,
        ),
    })
    const asked = await receive(named, { ca: roots, servername: 'localhost' })
    expect(asked.socket.servername).toBe('localhost')
    expect(asked.peer.peerCertificate).toBe(leafOf(special))
    const unasked = await receive(named, { ca: roots })
    expect(unasked.socket.servername).toBe(false)
    expect(unasked.peer.peerCertificate).toBe(leafOf(plain))
  })
})

function leafOf({ cert }: Identity): string {
  return toHex(loadCertificates(cert)[0] as Uint8Array)
}

function shownTo(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.raw.toString('hex')
}
