import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import type { CertificateType, RequestHandlers } from '../../../src/tls/index.js'
import { encodeCertificate } from '../../../src/tls/messages/certificate.js'
import { decodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { decodeEncryptedExtensions, encodeEncryptedExtensions } from '../../../src/tls/messages/encryptedExtensions.js'
import { ExtensionType } from '../../../src/tls/wire/codePoints.js'
import {
  type Attack,
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
import { both, clientHello, type Extended, having, onMessage, without } from '../../support/hellos.js'
import { runPair } from '../../support/pair.js'
import { honest, type Script } from '../../support/scriptedPeer.js'

const RAW: readonly CertificateType[] = ['RawPublicKey']
const X509: readonly CertificateType[] = ['X509']
const BOTH: readonly CertificateType[] = ['RawPublicKey', 'X509']
const SERVER_TYPE = ExtensionType.server_certificate_type
const CLIENT_TYPE = ExtensionType.client_certificate_type

const mutual = {
  server: { clientCertificate: 'require', clientCertificateTypes: RAW, serverCertificateTypes: RAW },
  client: { clientCertificateTypes: RAW, serverCertificateTypes: RAW },
  clientHandlers: { selectCertificate: () => ed25519Credential },
} as const satisfies AttackOptions

/** What passed in hellos and EncryptedExtensions of a scripted peer, as [type, octets]. */
function watching(script: Script = honest) {
  const hellos: Extended[] = []
  const encrypted: Extended[] = []
  const watch: Script = ({ type, bytes }) => {
    if (type === 'client_hello') hellos.push(decodeClientHello(bytes.subarray(4)))
    if (type === 'encrypted_extensions') encrypted.push({ extensions: decodeEncryptedExtensions(bytes.subarray(4)) })
    return bytes
  }
  const types = (message: Extended | undefined) =>
    (message?.extensions ?? [])
      .filter(({ type }) => type === SERVER_TYPE || type === CLIENT_TYPE)
      .map(({ type, data }) => [type, [...data]])
  return { script: both(script, watch), hello: (nth = 0) => types(hellos[nth]), answer: () => types(encrypted[0]) }
}

const encryptedExtensions = (edit: (message: Extended) => Extended) =>
  onMessage('encrypted_extensions', 0, (bytes) => {
    return encodeEncryptedExtensions(edit({ extensions: decodeEncryptedExtensions(bytes.subarray(4)) }).extensions)
  })

function expectRefused(outcome: Attack, code: ErrorCode): void {
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'illegal_parameter')
}

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

it('an empty list of certificate types is refused before anything is sent', () => {
  expect(() => attackClient({ client: { serverCertificateTypes: [] } })).toThrow(/list of certificate types is empty/)
})
