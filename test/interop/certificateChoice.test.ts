/** Several certificates of ours before independent peers: each peer is shown the one that it asks for and can verify. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import type { ExternalSigner } from '../../src/index.js'
import { describeCertificate, loadPrivateKey, parsePrivateKey, writePrivateKeyPem } from '../../src/pki/index.js'
import { peerMissing, startServerPeer } from '../support/nodePeer.js'
import { opensslMissing, startOpensslClient } from '../support/opensslCli.js'
import { PROVIDERS } from '../support/providers.js'
import { describeWith, listen, receive, refuse, visit } from './ends.js'
import { authority, type Identity, impostor, issue } from './identities.js'

const policy = { allowClassicalAuthentication: true }
const names = (...subjectAltNames: string[]) => ({ subjectAltNames })

function several(...identities: Identity[]) {
  return { cert: identities.map(({ cert }) => cert), key: identities.map(({ key }) => key) }
}

const subjectOf = (hex: string | null): string =>
  describeCertificate(Buffer.from(hex as string, 'hex')).subject.replace('CN=', '')

for (const crypto of PROVIDERS) {
  describeWith(peerMissing(), `our server with ${crypto.name} and clients of Node 26`, () => {
    const pq = issue('mldsa65', { commonName: 'pq', ...names('localhost', 'a.example.test') })
    const wildcard = issue('mldsa65', { commonName: 'wildcard', ...names('*.example.test') })
    const classical = issue('ecdsa-p256', { commonName: 'classical', ...names('localhost', 'a.example.test') })
    const address = issue('mldsa65', { commonName: 'address', ...names('127.0.0.1') })
    const ca = [pq.ca, classical.ca]
    const server = listen({ ...several(classical, wildcard, pq, address), policy, crypto })

    it.each([
      ['an exact name', { servername: 'a.example.test' }, 'pq'],
      ['a name that only a wildcard covers', { servername: 'b.example.test' }, 'wildcard'],
      [
        'an exact name, verifying ECDSA alone',
        { servername: 'localhost', sigalgs: ['ecdsa_secp256r1_sha256'] },
        'classical',
      ],
      [
        'an exact name, verifying both and preferring ECDSA',
        { servername: 'localhost', sigalgs: ['ecdsa_secp256r1_sha256', 'mldsa65'] },
        'pq',
      ],
      ['no name, by address', {}, 'address'],
    ])('asked for by %s', async (_, options, expected) => {
      const { peer } = await receive(await server, { ca, ...options })
      expect([peer.authorized, subjectOf(peer.peerCertificate)]).toEqual([true, expected])
    })

    it('asked for with algorithms that none of them has', async () => {
      const { error } = await refuse(await server, { ca, servername: 'localhost', sigalgs: ['mldsa44'] })
      expect(error.code).toBe('ERR_NO_COMMON_SIGNATURE_SCHEME')
    })
  })

  describeWith(peerMissing(), `our client with ${crypto.name} and a server of Node 26`, () => {
    it('shows the certificate whose authority the server names', async () => {
      const own = issue('mldsa44')
      const other = issue('mldsa44', { ca: { ...impostor('mldsa65') }, commonName: 'of another authority' })
      const fitting = issue('mldsa44', { commonName: 'fitting' })
      const peer = await startServerPeer({ ...own, requestCert: true })
      onTestFinished(() => peer.stop())
      const { peer: seen } = await visit(peer, { ca: own.ca, ...several(other, fitting), crypto })
      expect([seen.authorized, subjectOf(seen.peerCertificate)]).toEqual([true, 'fitting'])
    })
  })
}

describeWith(peerMissing(), 'keys in other forms before clients of Node 26', () => {
  const own = issue('mldsa65')
  const passphrase = 'x'

  it('an encrypted key, and a signer that is asked for each signature', async () => {
    const pem = writePrivateKeyPem(parsePrivateKey(own.key), { passphrase })
    const signing = loadPrivateKey(own.key, PROVIDERS[1] as (typeof PROVIDERS)[number])
    const signer: ExternalSigner = { sign: async (scheme, message) => signing.sign(scheme, message) }
    for (const key of [{ pem, passphrase }, signer]) {
      const { peer } = await receive(await listen({ cert: own.cert, key }), { ca: own.ca })
      expect(peer.authorized).toBe(true)
    }
  })
})

describeWith(opensslMissing(), 'the openssl command, which can name authorities in its ClientHello', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-authorities-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is shown a certificate of the one that it names', async () => {
    const [p256, p384] = [issue('ecdsa-p256'), issue('ecdsa-p384')]
    const server = await listen({
      ...several(p256, p384),
      policy: { ...policy, allowClassicalKeyExchange: true },
    })
    for (const [algorithm, { ca }] of [
      ['ecdsa-p256', p256],
      ['ecdsa-p384', p384],
    ] as const) {
      const file = join(folder, `${algorithm}.pem`)
      writeFileSync(file, ca)
      const client = startOpensslClient(server.port, ['-CAfile', file, '-requestCAfile', file, '-verify_return_error'])
      onTestFinished(() => client.stop())
      await client.waitFor(/Verify return code: 0/)
      expect(client.output).toContain(`Interop root ${algorithm}`)
      expect(authority(algorithm).certificatePem).toBe(ca)
      await client.end()
    }
  })
})
