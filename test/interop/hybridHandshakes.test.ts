/** Every suite with every hybrid group, Trefoil at one end and OpenSSL 3.5 inside Node's `tls` at the other. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HYBRID_GROUPS } from '../../src/crypto/groups.js'
import type { CipherSuiteName, NamedGroupName } from '../../src/crypto/index.js'
import { CIPHER_SUITES } from '../../src/crypto/index.js'
import { type PeerMajor, peerMissing, type ServerPeer, startServerPeer } from '../support/nodePeer.js'
import { describeWith, listen, type OwnServer, receive, visit } from './ends.js'
import { identity } from './identities.js'

const SUITES = Object.keys(CIPHER_SUITES) as CipherSuiteName[]
const COMBINATIONS: Readonly<Record<PeerMajor, readonly (readonly [NamedGroupName, CipherSuiteName])[]>> = {
  26: HYBRID_GROUPS.flatMap((group) => SUITES.map((suite) => [group, suite] as const)),
  24: HYBRID_GROUPS.map((group, i) => [group, SUITES[i] as CipherSuiteName] as const),
}

for (const node of [24, 26] as const) {
  describeWith(peerMissing(node), `hybrid handshakes with Node ${node}`, () => {
    const { ca, ...own } = identity('mldsa65')
    let peer: ServerPeer
    let server: OwnServer

    beforeAll(async () => {
      server = await listen(own)
      peer = await startServerPeer({ node, ...own, groups: HYBRID_GROUPS })
    })
    afterAll(() => peer?.stop())

    it.each(COMBINATIONS[node])('our client agrees with its server on %s and %s', async (group, cipher) => {
      const { socket, peer: seen } = await visit(peer, { ca, groups: [group], ciphers: [cipher] })
      expect(seen).toMatchObject({ protocol: 'TLSv1.3', cipher, reused: false, servername: 'localhost' })
      expect(socket.protection).toMatchObject({
        cipher,
        keyExchange: { group },
        authentication: { peer: 'certificate', scheme: 'mldsa65', local: null },
        psk: null,
        qkd: null,
        resumed: false,
      })
      expect(socket.authorized).toBe(true)
    })

    it.each(COMBINATIONS[node])('its client agrees with our server on %s and %s', async (group, ciphers) => {
      const { socket, peer: seen } = await receive(server, { node, ca, groups: [group], ciphers })
      expect(seen).toMatchObject({ protocol: 'TLSv1.3', cipher: ciphers, group, authorized: true, reused: false })
      expect(socket.protection).toMatchObject({
        cipher: ciphers,
        keyExchange: { group },
        authentication: { peer: null, local: 'certificate', localScheme: 'mldsa65' },
      })
    })
  })
}
