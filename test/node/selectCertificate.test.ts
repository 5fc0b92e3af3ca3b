/** Which of several certificates is shown: by the name asked for, and by what the peer can verify. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { connect, createSecureContext, type SecureContextOptions, type TLSSocket } from '../../src/index.js'
import { selectCertificate } from '../../src/node/selectCertificate.js'
import {
  type CertifiedKey,
  describeCertificate,
  type IssuedAlgorithm,
  issueCertificate,
  parseCertificate,
} from '../../src/pki/index.js'
import type { SelectCertificateRequest } from '../../src/tls/index.js'
import { PROVIDERS } from '../support/providers.js'
import { authority, crypto, listen, readAll, secured, shake } from './fixtures.js'

const pqCa = authority('PQ CA', 'mldsa44')
const otherCa = authority('Other CA', 'mldsa44')
const classicalCa = authority('Classical CA', 'ecdsa-p256')
const policy = { allowClassicalAuthentication: true }

/** A certificate that is told by its common name. */
function own(commonName: string, ca: CertifiedKey, algorithm: IssuedAlgorithm, ...subjectAltNames: string[]) {
  const issued = issueCertificate({ ca, commonName, subjectAltNames, algorithm, crypto })
  return { cert: issued.certificatePem, key: issued.privateKeyPem }
}

function several(...identities: { cert: string; key: string }[]): SecureContextOptions {
  return { cert: identities.map(({ cert }) => cert), key: identities.map(({ key }) => key), policy }
}

const pq = own('pq', pqCa, 'mldsa65', 'a.test')
const pqByOther = own('pq by other', otherCa, 'mldsa65', 'a.test')
const classical = own('classical', classicalCa, 'ecdsa-p256', 'a.test')
const mixed = own('mixed', classicalCa, 'mldsa65', 'a.test')
const wildcard = own('wildcard', pqCa, 'mldsa44', '*.wild.test')
const second = own('second', pqCa, 'mldsa44', 'b.test', 'b.wild.test')
const address = own('address', pqCa, 'mldsa44', '127.0.0.1', '::1')

const REQUEST: SelectCertificateRequest = {
  type: 'selectCertificate',
  role: 'server',
  certificateType: 'X509',
  signatureSchemes: ['mldsa65', 'mldsa44', 'ecdsa_secp256r1_sha256'],
  certificateSignatureSchemes: ['mldsa65', 'mldsa44', 'ecdsa_secp256r1_sha256'],
  certificateAuthorities: [],
  serverName: null,
  applicationProtocols: [],
}
const nameOf = (ca: CertifiedKey) => parseCertificate(ca.certificateDer).subject.der

describe.each(PROVIDERS)('with $name', (provider) => {
  function choice(
    identities: { cert: string; key: string }[],
    request: Partial<SelectCertificateRequest>,
    localAddress?: string,
  ): string | null {
    const context = createSecureContext({ ...several(...identities), crypto: provider })
    const options = { localAddress, signal: new AbortController().signal }
    const chosen = selectCertificate({ ...REQUEST, ...request }, context, options)
    return chosen && describeCertificate(chosen.certificateChain[0] as Uint8Array).subject.replace('CN=', '')
  }

  it.each<[string, { cert: string; key: string }[], Partial<SelectCertificateRequest>, string | null]>([
    ['the first when nothing tells them apart', [second, wildcard], {}, 'second'],
    ['one for the name asked for', [second, pq], { serverName: 'a.test' }, 'pq'],
    ['one for the name in any case', [second, pq], { serverName: 'A.TEST' }, 'pq'],
    ['one for the name by wildcard', [second, wildcard], { serverName: 'c.wild.test' }, 'wildcard'],
    ['one for the very name before a wildcard', [wildcard, second], { serverName: 'b.wild.test' }, 'second'],
    ['the first when none is for the name', [second, pq], { serverName: 'a.b.test' }, 'second'],
    ['one for an address that stands where a name should', [second, address], { serverName: '127.0.0.1' }, 'address'],
    ['ML-DSA before classical, whatever the order', [classical, pq], {}, 'pq'],
    [
      'classical for who verifies nothing else',
      [pq, classical],
      { signatureSchemes: ['ecdsa_secp256r1_sha256'] },
      'classical',
    ],
    ['the name before ML-DSA', [classical, second], { serverName: 'a.test' }, 'classical'],
    ['none that the peer cannot verify', [pq, classical], { signatureSchemes: ['ed25519'] }, null],
    [
      'one whose whole chain the peer can verify (signature_algorithms_cert)',
      [mixed, pq],
      { certificateSignatureSchemes: ['mldsa44'] },
      'pq',
    ],
    [
      'a classical one that can be verified before an ML-DSA one that cannot',
      [mixed, classical, pq],
      { certificateSignatureSchemes: ['ecdsa_secp256r1_sha256'], signatureSchemes: ['ecdsa_secp256r1_sha256'] },
      'classical',
    ],
    [
      'one with a chain that the peer cannot verify before none at all (RFC 9846 4.5.2)',
      [mixed],
      { certificateSignatureSchemes: ['mldsa44'] },
      'mixed',
    ],
    [
      'one of an authority that the peer named',
      [pq, pqByOther],
      { certificateAuthorities: [nameOf(otherCa)] },
      'pq by other',
    ],
    ['the authority before ML-DSA', [pq, classical], { certificateAuthorities: [nameOf(classicalCa)] }, 'classical'],
    [
      'the name before the authority',
      [second, pq],
      { serverName: 'b.test', certificateAuthorities: [nameOf(otherCa)] },
      'second',
    ],
    ['the best when no authority fits', [classical, pq], { certificateAuthorities: [nameOf(otherCa)] }, 'pq'],
    ['on a client nothing by the name of the server', [pq, second], { role: 'client', serverName: 'b.test' }, 'pq'],
  ])('is chosen: %s', (_, identities, request, expected) => {
    expect(choice(identities, request)).toBe(expected)
  })

  it.each([
    ['127.0.0.1', 'address'],
    ['::ffff:127.0.0.1', 'address'],
    ['::1', 'address'],
    ['127.0.0.2', 'second'],
    [undefined, 'second'],
  ])('without a name, one for the address the client came to: %s', (localAddress, expected) => {
    expect(choice([second, address], {}, localAddress)).toBe(expected)
  })

  it('is chosen for each client of one server by itself', async () => {
    const { port } = await listen({ ...several(second, pq, classical, address), crypto: provider })
    const subject = async (options: object): Promise<string> => {
      const socket = await secured(connect({ host: '127.0.0.1', port, policy, crypto: provider, ...options }))
      return socket.getPeerCertificate().subject.CN as string
    }
    const ca = [pqCa.certificatePem, classicalCa.certificatePem]
    expect(await subject({ ca, servername: 'b.test' })).toBe('second')
    expect(await subject({ ca, servername: 'a.test' })).toBe('pq')
    expect(await subject({ ca, servername: 'a.test', sigalgs: 'ecdsa_secp256r1_sha256' })).toBe('classical')
    expect(await subject({ ca })).toBe('address')
  })

  it('is chosen by a client among its own, by the authorities that the server names', async () => {
    const mine = several(own('to strangers', otherCa, 'mldsa44', 'x'), own('to us', pqCa, 'mldsa44', 'x'))
    const server = { ...address, ca: pqCa.certificatePem, requestCert: true, crypto: provider }
    const { server: atServer } = await shake(server, { ...mine, ca: pqCa.certificatePem, crypto: provider })
    expect(atServer.getPeerCertificate().subject.CN).toBe('to us')
  })
})

it('a server that trusts very many authorities names none, and takes what comes', async () => {
  const many = Array.from({ length: 33 }, (_, i) =>
    authority(`One of very many authorities ${i}`.padEnd(64, '.'), 'ed25519'),
  )
  const ca = [...many.map(({ certificatePem }) => certificatePem), pqCa.certificatePem]
  const { server, port } = await listen({ ...address, ca, requestCert: true })
  const accepted = once(server, 'secureConnection')
  const mine = several(own('to strangers', otherCa, 'mldsa44', 'x'), own('to us', pqCa, 'mldsa44', 'x'))
  const client = connect({ host: '127.0.0.1', port, ca: pqCa.certificatePem, ...mine })
  await expect(readAll(client)).rejects.toMatchObject({ alert: 'unknown_ca' })
  await secured(connect({ host: '127.0.0.1', port, ca: pqCa.certificatePem, ...own('us', pqCa, 'mldsa44', 'x') }))
  expect((await accepted)[0].getPeerCertificate().subject.CN).toBe('us')
  expect((await accepted)[0] as TLSSocket).toMatchObject({ authorized: true })
})
