import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import type { CertificateType, RequestHandlers } from '../../../src/tls/index.js'
import { encodeCertificate } from '../../../src/tls/messages/certificate.js'
import {
  attackClient,
  attackServer,
  ed25519Credential,
  expectComplete,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import {
  BOTH,
  CLIENT_TYPE,
  encryptedExtensions,
  expectRefused,
  mutual,
  RAW,
  SERVER_TYPE,
  watching,
  X509,
} from '../../support/certificateTypes.js'
import { having, onMessage, without } from '../../support/hellos.js'

describe('a client', () => {
  it('says nothing of certificate types where it has X.509 alone (RFC 7250 4.1)', () => {
    const { script, hello } = watching()
    expectComplete(attackServer({ script }))
    expectComplete(attackServer({ script, client: { serverCertificateTypes: X509, clientCertificateTypes: X509 } }))
    expect([hello(0), hello(1)]).toEqual([[], []])
  })

  it('lists what it can show and what it accepts, in its order', () => {
    const { script, hello } = watching()
    const client = { serverCertificateTypes: BOTH, clientCertificateTypes: RAW } as const
    expectComplete(attackServer({ script, client }))
    expect(hello()).toEqual([
      [CLIENT_TYPE, [1, 2]],
      [SERVER_TYPE, [2, 2, 0]],
    ])
  })

  it('says nothing of them where a pre-shared key alone is to authenticate both ends', () => {
    const { script, hello } = watching()
    const handlers = { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }
    expectComplete(attackServer({ script, client: { serverCertificateTypes: RAW }, ...handlers }))
    expect(hello()).toEqual([])
  })

  it('repeats them unchanged after a HelloRetryRequest', () => {
    const { script, hello } = watching()
    const groups = { client: ['x25519', 'secp256r1'], server: ['secp256r1'] } as const
    const outcome = attackServer({
      ...mutual,
      script,
      server: { ...mutual.server, groups: groups.server },
      client: { ...mutual.client, groups: groups.client },
    })
    expectComplete(outcome)
    expect(outcome.target.summary?.helloRetryRequest).toBe(true)
    expect(hello(1)).toEqual(hello(0))
    expect(hello(1)).toHaveLength(2)
  })

  it.each(['client_certificate_type', 'server_certificate_type'] as const)(
    'refuses %s in EncryptedExtensions with unsupported_extension if it did not offer it',
    (name) => {
      const script = encryptedExtensions((message) => having(message, name, [0]))
      expectRefused(attackClient({ script }), 'ERR_UNSUPPORTED_EXTENSION')
    },
  )

  const offering2 = { client: { serverCertificateTypes: RAW, clientCertificateTypes: RAW }, server: mutual.server }

  it.each<readonly [string, 'client_certificate_type' | 'server_certificate_type', number[], ErrorCode]>([
    ['a type that it did not offer', 'server_certificate_type', [0], 'ERR_ILLEGAL_PARAMETER'],
    ['a type that nobody knows', 'server_certificate_type', [7], 'ERR_ILLEGAL_PARAMETER'],
    ['OpenPGP', 'server_certificate_type', [1], 'ERR_ILLEGAL_PARAMETER'],
    ['no type', 'server_certificate_type', [], 'ERR_DECODE'],
    ['two types', 'server_certificate_type', [2, 2], 'ERR_DECODE'],
    ['the list of a client', 'server_certificate_type', [1, 2], 'ERR_DECODE'],
    ['a type for its own that it did not offer', 'client_certificate_type', [0], 'ERR_ILLEGAL_PARAMETER'],
    ['two types for its own', 'client_certificate_type', [2, 2], 'ERR_DECODE'],
  ])('refuses a server that chooses %s', (_title, name, data, code) => {
    const script = encryptedExtensions((message) => having(message, name, data))
    expectRefused(attackClient({ ...offering2, ...mutual, script }), code)
  })

  it('that takes raw public keys alone refuses a server that answers nothing with unsupported_certificate', () => {
    const script = encryptedExtensions((message) => without(message, 'server_certificate_type'))
    expectRefused(attackClient({ ...mutual, script }), 'ERR_UNSUPPORTED_CERTIFICATE')
  })

  it('that takes both goes on with X.509 when the server answers nothing', () => {
    const script = encryptedExtensions((message) => without(message, 'server_certificate_type'))
    const outcome = attackClient({
      client: { serverCertificateTypes: BOTH },
      server: { serverCertificateTypes: RAW },
      script,
    })
    expectComplete(outcome)
    expect(outcome.target.summary?.peerCertificateType).toBe('X509')
  })

  it('refuses a client certificate type without a CertificateRequest with illegal_parameter (RFC 7250 4.2)', () => {
    const script = encryptedExtensions((message) => having(message, 'client_certificate_type', [2]))
    const server = { serverCertificateTypes: RAW } as const
    expectRefused(attackClient({ client: mutual.client, server, script }), 'ERR_ILLEGAL_PARAMETER')
  })

  it('takes an answer beside a pre-shared key, where no certificate follows: OpenSSL gives one', () => {
    const script = encryptedExtensions((message) => having(message, 'server_certificate_type', [2]))
    const outcome = attackClient({
      client: { serverCertificateTypes: RAW },
      clientHandlers: offering([PSK], { required: false }),
      serverHandlers: knowing([PSK]),
      script,
    })
    expectComplete(outcome)
    expect(outcome.target.summary).toMatchObject({ peerCertificateType: null, peerCertificateChain: null })
  })

  it.each([2, 3])('refuses %i raw public keys in one Certificate with illegal_parameter (RFC 9846 4.5.2)', (count) => {
    const [key] = ed25519Credential.certificateChain as [Uint8Array]
    const script = onMessage('certificate', 0, () => encodeCertificate(Array(count).fill(key)))
    expectRefused(attackClient({ ...mutual, script }), 'ERR_ILLEGAL_PARAMETER')
  })

  it('refuses an empty list of raw public keys with decode_error, as of certificates', () => {
    const script = onMessage('certificate', 0, () => encodeCertificate([]))
    expectRefused(attackClient({ ...mutual, script }), 'ERR_DECODE')
  })

  it('is asked for a certificate of the type that was negotiated, and shows none if it has none', () => {
    const asked: CertificateType[] = []
    const selectCertificate: RequestHandlers['selectCertificate'] = ({ certificateType }) => {
      asked.push(certificateType)
      return null
    }
    const outcome = attackClient({
      ...mutual,
      server: { ...mutual.server, clientCertificate: 'request' },
      clientHandlers: { selectCertificate },
    })
    expectComplete(outcome)
    expect(asked).toEqual(['RawPublicKey'])
  })
})

it('an empty list of certificate types is refused before anything is sent', () => {
  expect(() => attackClient({ client: { serverCertificateTypes: [] } })).toThrow(/list of certificate types is empty/)
})
