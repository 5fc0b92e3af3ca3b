import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import type { HandshakeTypeName } from '../../../src/tls/wire/codePoints.js'
import {
  type AttackOptions,
  attackServer,
  ed25519Credential,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { onMessage } from '../../support/hellos.js'
import { handshakeMessage } from '../../support/scriptedPeer.js'

const MUTUAL: AttackOptions = {
  server: { clientCertificate: 'require' },
  clientHandlers: { selectCertificate: () => ed25519Credential },
}

function refuses(
  type: HandshakeTypeName,
  edit: (body: Uint8Array) => Uint8Array | readonly number[],
  code: ErrorCode,
  options: AttackOptions = MUTUAL,
): void {
  const script = onMessage(type, 0, (bytes) => handshakeMessage(type, Uint8Array.from(edit(bytes.subarray(4)))))
  const outcome = attackServer({ ...options, script })
  // The scripted client believes itself connected when it has sent its Finished; the server does not.
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'illegal_parameter')
  expect(outcome.target.count('handshakeComplete')).toBe(0)
}

const flip = (body: Uint8Array, at: number) => body.with(at, (body.at(at) as number) ^ 1)

describe('a server that asks for a client certificate', () => {
  it.each([
    ['request', {}],
    ['require', {}],
    ['require', { offer: true }],
  ] as const)(
    '(%s) gets it, and reports the chain that was proved',
    (clientCertificate, { offer = false }: { offer?: boolean }) => {
      const psk = offer ? offering([PSK], { withCertificate: true }) : {}
      const outcome = attackServer({
        server: { clientCertificate },
        clientHandlers: { ...MUTUAL.clientHandlers, ...psk },
        serverHandlers: offer ? knowing([PSK]) : {},
      })
      expectComplete(outcome)
      expect(outcome.target.summary).toMatchObject({
        peerCertificateChain: ed25519Credential.certificateChain,
        peerSignatureScheme: 'ed25519',
        peerSource: 'trusted',
      })
    },
  )

  it('takes none for an answer if it only requests one', () => {
    const outcome = attackServer({ server: { clientCertificate: 'request' } })
    expectComplete(outcome)
    expect(outcome.target.summary?.peerCertificateChain).toBeNull()
  })

  it('refuses a client without one with certificate_required if it requires it', () => {
    const outcome = attackServer({ server: { clientCertificate: 'require' } })
    expectRefusal(outcome, 'ERR_CERTIFICATE_REQUIRED', 'certificate_required')
  })

  it('asks for none in a handshake by pre-shared key alone (RFC 9846 4.4.2)', () => {
    const outcome = attackServer({ ...MUTUAL, clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) })
    expectComplete(outcome)
    expect(outcome.target.summary?.peerCertificateChain).toBeNull()
  })

  it('refuses a CertificateVerify that does not verify with decrypt_error', () => {
    refuses('certificate_verify', (body) => flip(body, -1), 'ERR_BAD_CERTIFICATE_VERIFY')
  })

  it('refuses a signature made for a server: the context string tells the roles apart', () => {
    // The server's own signature, over the same transcript, would have another context; here it is the client's key.
    const outcome = attackServer({
      ...MUTUAL,
      clientHandlers: {
        ...MUTUAL.clientHandlers,
        sign: ({ credential, message }) => {
          const text = Buffer.from(message)
            .toString('latin1')
            .replace('client CertificateVerify', 'server CertificateVerify')
          return credential.signer.sign('ed25519', new Uint8Array(Buffer.from(text, 'latin1'))) as Uint8Array
        },
      },
    })
    expectRefusal(outcome, 'ERR_BAD_CERTIFICATE_VERIFY', 'decrypt_error')
  })

  it('refuses a scheme that it did not offer, or that does not go with the key, with illegal_parameter', () => {
    refuses('certificate_verify', (body) => [8, 4, ...body.subarray(2)], 'ERR_ILLEGAL_PARAMETER')
    refuses('certificate_verify', (body) => [9, 5, ...body.subarray(2)], 'ERR_ILLEGAL_PARAMETER', {
      ...MUTUAL,
      server: { ...MUTUAL.server, signatureSchemes: ['ed25519', 'mldsa65'] },
    })
  })

  it('refuses a certificate_request_context with illegal_parameter', () => {
    refuses('certificate', (body) => [1, 7, ...body.subarray(1)], 'ERR_ILLEGAL_PARAMETER')
  })

  it('refuses more than ten certificates with bad_certificate', () => {
    const list = Array.from({ length: 11 }, () => [0, 0, 1, 7, 0, 0]).flat()
    refuses('certificate', () => [0, 0, 0, list.length, ...list], 'ERR_CERTIFICATE_CHAIN_TOO_LONG')
  })
})

describe('a server checks the Finished of its client', () => {
  it.each([
    ['by certificate', {}],
    ['by mutual certificates', MUTUAL],
    ['by pre-shared key', { clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }],
  ])('(%s) and refuses a wrong one with decrypt_error', (_title, options) => {
    refuses('finished', (body) => flip(body, 0), 'ERR_BAD_FINISHED', options)
    refuses('finished', (body) => flip(body, -1), 'ERR_BAD_FINISHED', options)
    refuses('finished', (body) => body.subarray(1), 'ERR_DECODE', options)
    refuses('finished', (body) => [...body, 0], 'ERR_DECODE', options)
  })
})
