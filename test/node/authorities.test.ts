/** What each side tells the other of the certificates it can verify: certificate_authorities and both lists of schemes. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { type ConnectionOptions, createSecureContext, type ServerOptions } from '../../src/index.js'
import { clientEndpoint } from '../../src/node/clientEndpoint.js'
import { serverEndpoint } from '../../src/node/serverEndpoint.js'
import { resolveServerSettings } from '../../src/node/serverSettings.js'
import { issueCertificate, parseCertificate } from '../../src/pki/index.js'
import { decodeCertificateAuthorities, encodeCertificateAuthorities } from '../../src/tls/extensions/scalars.js'
import { Driver, type SelectCertificateRequest } from '../../src/tls/index.js'
import { authority, ca, clientIdentity, crypto, identity, refusal, serverIdentity, shake, testCa } from './fixtures.js'

const name = (certificate: Uint8Array): string => toHex(parseCertificate(certificate).subject.der)
const many = Array.from({ length: 33 }, (_, i) => authority(`CA ${i}`, 'ed25519').certificatePem)

/** The names that either side would send. */
function authorities(options: ConnectionOptions & ServerOptions): { client: number; server: number } {
  const { client, server } = createSecureContext(options).authorities
  return { client: client.length, server: server.length }
}

describe('certificate_authorities (RFC 9846 4.3.4)', () => {
  it('is sent by servers with few anchors, by clients only when told to, and by nobody when told not to', () => {
    expect(authorities({ ca })).toEqual({ client: 0, server: 1 })
    expect(authorities({ ca: [ca, ca] })).toEqual({ client: 0, server: 1 })
    expect(authorities({ ca, sendAuthorities: true })).toEqual({ client: 1, server: 1 })
    expect(authorities({ ca, sendAuthorities: false })).toEqual({ client: 0, server: 0 })
    expect(authorities({ ca: many.slice(1) })).toEqual({ client: 0, server: 32 })
    expect(authorities({ ca: many })).toEqual({ client: 0, server: 0 })
    expect(authorities({ ca: many, sendAuthorities: true })).toEqual({ client: 33, server: 33 })
    expect(authorities({})).toEqual({ client: 0, server: 0 })
  })

  it('needs anchors, and names that fit into a message', () => {
    expect(() => createSecureContext({ sendAuthorities: true })).toThrow(/sendAuthorities needs ca/)
    const long = Array.from({ length: 240 }, (_, i) => authority(`${i}`.padEnd(60, 'x'), 'ed25519').certificatePem)
    expect(() => createSecureContext({ ca: long, sendAuthorities: true })).toThrow(/240 trust anchors take \d+ octets/)
  })

  it('reaches the other side: from client to server and from server to client', async () => {
    const seen: Record<string, string[]> = {}
    const note = (who: string) => (request: SelectCertificateRequest) => {
      seen[who] = request.certificateAuthorities.map(toHex)
    }
    await shakeNoting(note('server'), note('client'))
    expect(seen).toEqual({ server: [name(testCa.certificateDer)], client: [name(testCa.certificateDer)] })
  })

  it('is read only when it is a list of at least one name, each of at least one octet', () => {
    const good = encodeCertificateAuthorities([Uint8Array.of(0x30, 0)])
    expect(decodeCertificateAuthorities(good)).toHaveLength(1)
    for (const bad of [[0, 0], [0, 2, 0, 0], [0, 3, 0, 2, 1], [0, 3, 0, 1], [...good, 0], []]) {
      expect(() => decodeCertificateAuthorities(Uint8Array.from(bad))).toThrow(
        expect.objectContaining({ code: 'ERR_DECODE' }),
      )
    }
  })
})

describe('an ML-DSA certificate from a classical authority', () => {
  const classical = authority('Classical', 'ecdsa-p256')
  const mixed = identity(classical, ['127.0.0.1', 'localhost'])
  const options = { ca: classical.certificatePem }

  it('is refused by default, and accepted when classical signatures are permitted inside certificates', async () => {
    const policy = { allowClassicalCertificateSignatures: true }
    const { client } = await shake(mixed, { ...options, policy })
    expect(client.protection?.authentication.scheme).toBe('mldsa44')
    expect(client.authorized).toBe(true)
    const errors = await refusal(mixed, options)
    expect([errors.client.code, errors.server.alert]).toEqual([
      'ERR_UNSUPPORTED_CERTIFICATE',
      'unsupported_certificate',
    ])
  })

  it('does not bring a classical certificate with it: the handshake is still signed with ML-DSA', async () => {
    const policy = { allowClassicalCertificateSignatures: true }
    const server = {
      ...identity(classical, ['127.0.0.1'], 'ecdsa-p256'),
      policy: { allowClassicalAuthentication: true },
    }
    const errors = await refusal(server, { ...options, policy })
    expect(errors.server.code).toBe('ERR_NO_COMMON_SIGNATURE_SCHEME')
  })

  it('is told in signature_algorithms_cert, and signature_algorithms stays what it was', () => {
    const context = createSecureContext({ policy: { allowClassicalCertificateSignatures: true } })
    expect(context.signatureSchemes).toEqual(['mldsa65', 'mldsa87', 'mldsa44'])
    expect(context.certificateSignatureSchemes.slice(0, 4)).toEqual([
      ...['mldsa65', 'mldsa87', 'mldsa44'],
      'ecdsa_secp256r1_sha256',
    ])
  })

  it('may be limited to some schemes with certificateSigalgs', async () => {
    const policy = { allowClassicalCertificateSignatures: true }
    const only = (certificateSigalgs: string) => ({ ...options, policy, certificateSigalgs })
    const { client } = await shake(mixed, only('ecdsa_secp256r1_sha256'))
    expect(client.authorized).toBe(true)
    const errors = await refusal(mixed, only('mldsa65:ed25519'))
    expect(errors.client.code).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(() => createSecureContext({ certificateSigalgs: 'ed25519' })).toThrow(
      /allowClassicalCertificateSignatures or allowClassicalAuthentication/,
    )
  })

  it('may be limited to schemes other than those of handshakes, be they as many', async () => {
    const root = authority('Root', 'mldsa87')
    const { certificatePem: cert, privateKeyPem: key } = issueCertificate({
      ca: root,
      subjectAltNames: ['127.0.0.1'],
      algorithm: 'mldsa44',
      crypto,
    })
    const client = { ca: root.certificatePem, sigalgs: 'mldsa44', certificateSigalgs: 'mldsa87' }
    expect((await shake({ cert, key }, client)).client.authorized).toBe(true)
    const strict = { ca: root.certificatePem, sigalgs: 'mldsa44' }
    expect((await refusal({ cert, key }, strict)).client.code).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })
})

const NOWHERE = { local: undefined, remote: undefined }

/** Both ends of src/node joined in memory, each question for a certificate noted. */
async function shakeNoting(
  atServer: (request: SelectCertificateRequest) => void,
  atClient: (request: SelectCertificateRequest) => void,
): Promise<void> {
  const serverOptions = { ...serverIdentity, ca, requestCert: true }
  const context = createSecureContext(serverOptions)
  const ends = {
    client: clientEndpoint({ ca, ...clientIdentity, servername: 'localhost', sendAuthorities: true }).begin(
      false,
      NOWHERE,
    ),
    server: serverEndpoint(resolveServerSettings(serverOptions, context), context, '127.0.0.1').begin(false, NOWHERE),
  }
  await new Promise<void>((resolve, reject) => {
    const drive = (end: typeof ends.client, note: typeof atServer, deliver: (bytes: Uint8Array) => void) => {
      const { connection, handlers } = end
      const noting = {
        ...handlers,
        selectCertificate: (request: SelectCertificateRequest) => {
          note(request)
          return handlers.selectCertificate(request)
        },
      }
      return new Driver(connection, noting, {
        transmit: (bytes) => deliver(bytes.slice()),
        event: (event) => {
          if (event.type === 'error') reject(event.error)
          if (event.type === 'handshakeComplete' && end === ends.server) resolve()
        },
      })
    }
    const client = drive(ends.client, atClient, (bytes) => setImmediate(() => server.receive(bytes)))
    const server = drive(ends.server, atServer, (bytes) => setImmediate(() => client.receive(bytes)))
    client.start()
  })
}
