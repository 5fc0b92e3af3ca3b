import { describe, expect, it } from 'vitest'
import type { CertificateType, PskSelection, RequestHandlers } from '../../../src/tls/index.js'
import { encodeCertificate } from '../../../src/tls/messages/certificate.js'
import {
  type AttackOptions,
  attackClient,
  attackServer,
  cheap,
  clientHandlers,
  ed25519Credential,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
  serverHandlers,
} from '../../support/attack.js'
import { BOTH, CLIENT_TYPE, expectRefused, mutual, RAW, SERVER_TYPE, watching } from '../../support/certificateTypes.js'
import { clientHello, having, onMessage, without } from '../../support/hellos.js'
import { runPair } from '../../support/pair.js'
import { honest, type Script } from '../../support/scriptedPeer.js'

describe('a server', () => {
  it('answers nothing to a client that offers nothing, and shows X.509', () => {
    const { script, answer } = watching()
    const outcome = attackClient({ script, server: { serverCertificateTypes: BOTH } })
    expectComplete(outcome)
    expect(answer()).toEqual([])
    expect(outcome.target.summary?.peerCertificateType).toBe('X509')
  })

  it('answers one value to each list, and leaves the client its own out where it asks for none', () => {
    const asking = watching()
    expectComplete(attackClient({ ...mutual, script: asking.script }))
    expect(asking.answer()).toEqual([
      [CLIENT_TYPE, [2]],
      [SERVER_TYPE, [2]],
    ])
    const silent = watching()
    const server = { serverCertificateTypes: RAW, clientCertificateTypes: RAW } as const
    expectComplete(attackClient({ client: mutual.client, server, script: silent.script }))
    expect(silent.answer()).toEqual([[SERVER_TYPE, [2]]])
  })

  it.each<readonly [string, readonly CertificateType[], readonly CertificateType[], CertificateType]>([
    ['its own first', ['X509', 'RawPublicKey'], BOTH, 'X509'],
    ['its own first', BOTH, ['X509', 'RawPublicKey'], 'RawPublicKey'],
    ['the only one in common', BOTH, RAW, 'RawPublicKey'],
    ['the only one in common', RAW, BOTH, 'RawPublicKey'],
  ])('chooses %s: %s and %s give %s', (_title, own, offered, chosen) => {
    const server = { serverCertificateTypes: own, clientCertificate: 'require', clientCertificateTypes: own } as const
    const client = { serverCertificateTypes: offered, clientCertificateTypes: offered }
    const outcome = attackServer({ ...mutual, server, client })
    expectComplete(outcome)
    const { peerCertificateType, localCertificateType } = outcome.target.summary ?? {}
    expect([peerCertificateType, localCertificateType]).toEqual([chosen, chosen])
  })

  it('passes over types that it does not know', () => {
    const script = clientHello((hello) => having(hello, 'server_certificate_type', [3, 224, 1, 2]))
    const outcome = attackServer({ server: { serverCertificateTypes: RAW }, client: mutual.client, script })
    expect(outcome.target.error).toBeNull()
  })

  it.each<readonly [string, AttackOptions, Script]>([
    ['offers nothing and the server has raw keys alone', { server: { serverCertificateTypes: RAW } }, honest],
    ['takes raw keys alone and the server has none', { client: { serverCertificateTypes: RAW } }, honest],
    ['takes only what nobody knows', {}, clientHello((hello) => having(hello, 'server_certificate_type', [1, 224]))],
    [
      'can show nothing that a server accepts which asks for it',
      { server: { clientCertificate: 'request', clientCertificateTypes: RAW } },
      honest,
    ],
    [
      'can show raw keys alone to a server that wants a chain',
      { server: { clientCertificate: 'require' }, client: { clientCertificateTypes: RAW } },
      honest,
    ],
  ])('refuses with unsupported_certificate a client that %s (RFC 7250 4.2)', (_title, options, script) => {
    const outcome = attackServer({ ...options, script })
    expectRefused(outcome, 'ERR_UNSUPPORTED_CERTIFICATE')
    expect(outcome.peer.transitions).toEqual([])
  })

  it('refuses such a client before it spends a key on it', () => {
    const known = knowing([PSK])
    const fetched: string[] = []
    const outcome = attackServer({
      server: { serverCertificateTypes: RAW },
      clientHandlers: offering([PSK], { withCertificate: true }),
      serverHandlers: {
        selectPsk: (request) => {
          const selection = known.selectPsk?.(request) as PskSelection | null
          return selection && { ...selection, costsKey: true }
        },
        fetchPsk: ({ identity }) => {
          fetched.push(Buffer.from(identity).toString())
          return null
        },
      },
    })
    expectRefused(outcome, 'ERR_UNSUPPORTED_CERTIFICATE')
    expect(fetched).toEqual([])
  })

  it('that asks for no certificate does not mind what the client could show', () => {
    const outcome = attackServer({ client: { clientCertificateTypes: RAW } })
    expectComplete(outcome)
  })

  it.each<readonly [string, number[]]>([
    ['an empty list', [0]],
    ['no list', []],
    ['a list that is too short', [2, 2]],
    ['octets behind its list', [1, 2, 0]],
  ])('refuses %s of certificate types with decode_error', (_title, data) => {
    for (const name of ['client_certificate_type', 'server_certificate_type'] as const) {
      const script = clientHello((hello) => having(hello, name, data))
      expectRefused(attackServer({ script }), 'ERR_DECODE')
    }
  })

  it.each(['client_certificate_type', 'server_certificate_type'] as const)(
    'refuses a client that changes %s after HelloRetryRequest with illegal_parameter',
    (name) => {
      const server = { ...mutual.server, groups: ['secp256r1'] } as const
      const client = { ...mutual.client, groups: ['x25519', 'secp256r1'] } as const
      const change = clientHello((hello) => having(hello, name, [2, 2, 0]), { nth: 1 })
      expectRefused(attackServer({ ...mutual, server, client, script: change }), 'ERR_ILLEGAL_PARAMETER')
      const drop = clientHello((hello) => without(hello, name), { nth: 1 })
      expectRefused(attackServer({ ...mutual, server, client, script: drop }), 'ERR_ILLEGAL_PARAMETER')
    },
  )

  it('says nothing of types beside a pre-shared key, where no certificate follows', () => {
    const { script, answer } = watching()
    const outcome = attackClient({
      ...mutual,
      clientHandlers: offering([PSK], { required: false }),
      serverHandlers: knowing([PSK]),
      script,
    })
    expectComplete(outcome)
    expect(answer()).toEqual([])
  })

  it('refuses two raw public keys of a client with illegal_parameter', () => {
    const [key] = ed25519Credential.certificateChain as [Uint8Array]
    const script = onMessage('certificate', 0, () => encodeCertificate([key, key]))
    expectRefused(attackServer({ ...mutual, script }), 'ERR_ILLEGAL_PARAMETER')
  })

  it('that requires a raw public key refuses a client without one with certificate_required', () => {
    const outcome = attackServer({ ...mutual, clientHandlers: {} })
    expectRefusal(outcome, 'ERR_CERTIFICATE_REQUIRED', 'certificate_required')
  })

  it('refuses a CertificateVerify that is not by the raw public key with decrypt_error', () => {
    const script = onMessage('certificate_verify', 0, (bytes) => bytes.with(-1, (bytes.at(-1) as number) ^ 1))
    expectRefused(attackServer({ ...mutual, script }), 'ERR_BAD_CERTIFICATE_VERIFY')
  })
})

describe('both ends', () => {
  it('show raw public keys, and say so to those who verify them', async () => {
    const asked: unknown[] = []
    const note =
      (verify: RequestHandlers['verifyCertificate']): RequestHandlers['verifyCertificate'] =>
      (request) => {
        asked.push([request.peer, request.certificateType, request.certificateChain.length])
        return verify(request)
      }
    const pair = await runPair(
      cheap({
        client: mutual.client,
        server: mutual.server,
        clientHandlers: { ...mutual.clientHandlers, verifyCertificate: note(clientHandlers().verifyCertificate) },
        serverHandlers: { verifyCertificate: note(serverHandlers().verifyCertificate) },
      }),
    )
    expect([pair.client.error, pair.server.error]).toEqual([null, null])
    expect(asked).toEqual([
      ['server', 'RawPublicKey', 1],
      ['client', 'RawPublicKey', 1],
    ])
    const both = { peerCertificateType: 'RawPublicKey', localCertificateType: 'RawPublicKey' }
    expect([pair.client.summary, pair.server.summary]).toMatchObject([both, both])
  })

  it.each([false, true])('show them beside a PSK (RFC 9973 5.2), after a retry: %s', (retry) => {
    const outcome = attackServer({
      ...mutual,
      server: { ...mutual.server, ...(retry && { groups: ['secp256r1'] }) },
      client: { ...mutual.client, groups: ['x25519', 'secp256r1'] },
      clientHandlers: { ...mutual.clientHandlers, ...offering([PSK], { withCertificate: true }) },
      serverHandlers: knowing([PSK]),
    })
    expectComplete(outcome)
    expect(outcome.target.summary).toMatchObject({
      peerCertificateType: 'RawPublicKey',
      localCertificateType: 'RawPublicKey',
      psk: { withCertificate: true },
      helloRetryRequest: retry,
    })
  })

  it('keep the type in their sessions', async () => {
    const sealed: unknown[] = []
    const pair = await runPair(
      cheap({
        client: mutual.client,
        server: mutual.server,
        clientHandlers: mutual.clientHandlers,
        serverHandlers: {
          sealTicket: ({ session }) => {
            sealed.push(session.clientCertificateType)
            return Uint8Array.of(1)
          },
        },
      }),
    )
    const [received] = pair.client.events.flatMap((event) => (event.type === 'session' ? [event.session] : []))
    expect([received?.serverCertificateType, sealed[0]]).toEqual(['RawPublicKey', 'RawPublicKey'])
  })
})
