import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import type { HandshakeTypeName } from '../../../src/tls/wire/codePoints.js'
import {
  type AttackOptions,
  attackClient,
  ed25519Credential,
  expectComplete,
  expectRefusal,
  knowing,
  offering,
  PSK,
} from '../../support/attack.js'
import { onMessage } from '../../support/hellos.js'
import { handshakeMessage } from '../../support/scriptedPeer.js'

function refuses(
  type: HandshakeTypeName,
  edit: (body: Uint8Array) => Uint8Array | readonly number[],
  code: ErrorCode,
  options: AttackOptions = {},
): void {
  const script = onMessage(type, 0, (bytes) => handshakeMessage(type, Uint8Array.from(edit(bytes.subarray(4)))))
  const outcome = attackClient({ ...options, script })
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'illegal_parameter')
  expect(outcome.target.count('handshakeComplete')).toBe(0)
}

const flip = (body: Uint8Array, at: number) => body.with(at, (body.at(at) as number) ^ 1)
const WITH_PSK: AttackOptions = {
  clientHandlers: offering([PSK], { withCertificate: true }),
  serverHandlers: knowing([PSK]),
}
const BOTH_KINDS: readonly (readonly [string, AttackOptions])[] = [
  ['by certificate', {}],
  ['by certificate and pre-shared key', WITH_PSK],
]

describe.each(BOTH_KINDS)('a client whose server is authenticated %s', (_title, options) => {
  it('refuses an empty certificate list with decode_error', () => {
    refuses('certificate', () => [0, 0, 0, 0], 'ERR_DECODE', options)
  })

  it('refuses a certificate_request_context with illegal_parameter', () => {
    refuses('certificate', (body) => [1, 7, ...body.subarray(1)], 'ERR_ILLEGAL_PARAMETER', options)
  })

  it('refuses an empty certificate and left-over octets with decode_error', () => {
    refuses('certificate', () => [0, 0, 0, 5, 0, 0, 0, 0, 0], 'ERR_DECODE', options)
    refuses('certificate', (body) => [...body, 0], 'ERR_DECODE', options)
  })

  it('refuses more than ten certificates with bad_certificate', () => {
    const entry = [0, 0, 1, 7, 0, 0]
    const list = Array.from({ length: 11 }, () => entry).flat()
    refuses('certificate', () => [0, 0, 0, list.length, ...list], 'ERR_CERTIFICATE_CHAIN_TOO_LONG', options)
  })

  it('refuses a CertificateVerify that does not verify with decrypt_error', () => {
    refuses('certificate_verify', (body) => flip(body, -1), 'ERR_BAD_CERTIFICATE_VERIFY', options)
    refuses('certificate_verify', () => [8, 7, 0, 0], 'ERR_BAD_CERTIFICATE_VERIFY', options)
    refuses(
      'certificate_verify',
      (body) => Uint8Array.of(8, 7, 0, 65, ...body.subarray(4), 0),
      'ERR_BAD_CERTIFICATE_VERIFY',
      options,
    )
  })

  it('refuses a signature scheme that it did not offer with illegal_parameter', () => {
    for (const scheme of [
      [8, 4],
      [4, 1],
      [2, 1],
      [0x0a, 0x0a],
      [9, 5],
    ]) {
      refuses('certificate_verify', (body) => [...scheme, ...body.subarray(2)], 'ERR_ILLEGAL_PARAMETER', options)
    }
  })

  it('refuses a scheme that does not go with the key with illegal_parameter', () => {
    refuses('certificate_verify', (body) => [9, 5, ...body.subarray(2)], 'ERR_ILLEGAL_PARAMETER', {
      ...options,
      client: { signatureSchemes: ['ed25519', 'mldsa65'] },
    })
  })

  it('refuses a malformed CertificateVerify with decode_error', () => {
    refuses('certificate_verify', (body) => body.subarray(0, -1), 'ERR_DECODE', options)
    refuses('certificate_verify', (body) => [...body, 0], 'ERR_DECODE', options)
    refuses('certificate_verify', () => [8], 'ERR_DECODE', options)
  })

  it('refuses a Finished that does not verify with decrypt_error, and one of another length with decode_error', () => {
    for (const at of [0, 15, -1]) refuses('finished', (body) => flip(body, at), 'ERR_BAD_FINISHED', options)
    refuses('finished', (body) => body.subarray(1), 'ERR_DECODE', options)
    refuses('finished', (body) => [...body, 0], 'ERR_DECODE', options)
    refuses('finished', () => [], 'ERR_DECODE', options)
  })
})

describe('the extensions of a certificate', () => {
  const entry = (extensions: readonly number[]) => (body: Uint8Array) => {
    const data = body.subarray(7, -2)
    const list = [0, data.length >>> 8, data.length & 0xff, ...data, 0, extensions.length, ...extensions]
    return [0, 0, list.length >>> 8, list.length & 0xff, ...list]
  }

  it('answer what was asked: anything else is refused with unsupported_extension', () => {
    refuses('certificate', entry([0, 5, 0, 1, 1]), 'ERR_UNSUPPORTED_EXTENSION')
    refuses('certificate', entry([0, 18, 0, 0]), 'ERR_UNSUPPORTED_EXTENSION')
    refuses('certificate', entry([0x42, 0x42, 0, 0]), 'ERR_UNSUPPORTED_EXTENSION')
  })

  it('with no place in it, or twice, are refused with illegal_parameter', () => {
    refuses('certificate', entry([0, 0, 0, 0]), 'ERR_ILLEGAL_PARAMETER')
    refuses('certificate', entry([0, 33, 0, 0]), 'ERR_ILLEGAL_PARAMETER')
    refuses('certificate', entry([0, 5, 0, 0, 0, 5, 0, 0]), 'ERR_ILLEGAL_PARAMETER')
  })
})

describe('a handshake in which someone changes a message on the way', () => {
  // The transcript of the peer holds what it meant to send; the wire brings something else that is legal by itself.
  it.each(['certificate', 'encrypted_extensions'] as const)('fails at the first proof after %s', (type) => {
    const outcome = attackClient({
      client: { applicationProtocols: ['a', 'b'] },
      serverHandlers: {
        selectApplicationProtocol: () => 'a',
        selectCertificate: () => ({
          ...ed25519Credential,
          certificateChain: [...ed25519Credential.certificateChain, Uint8Array.of(1)],
        }),
      },
      script: onMessage(type, 0, (bytes, peer) => {
        peer.transcript.add(bytes)
        const last = type === 'certificate' ? bytes.length - 3 : bytes.indexOf(0x61)
        peer.sendRecord(22, bytes.with(last, 0x62))
        return null
      }),
    })
    expectRefusal(outcome, 'ERR_BAD_CERTIFICATE_VERIFY', 'decrypt_error')
  })
})

describe('a CertificateRequest', () => {
  const options: AttackOptions = { server: { clientCertificate: 'request' } }

  it('with a context is refused with illegal_parameter', () => {
    refuses('certificate_request', (body) => [1, 1, ...body.subarray(1)], 'ERR_ILLEGAL_PARAMETER', options)
  })

  it('without signature_algorithms is refused with missing_extension', () => {
    refuses('certificate_request', () => [0, 0, 0], 'ERR_MISSING_EXTENSION', options)
  })

  it('with an extension that has no place in it is refused with illegal_parameter', () => {
    refuses('certificate_request', (body) => withExtension(body, [0, 43, 0, 2, 3, 4]), 'ERR_ILLEGAL_PARAMETER', options)
  })

  it.each([
    [0, 13, 0, 2, 0, 0],
    [0, 50, 0, 2, 0, 0],
    [0, 47, 0, 2, 0, 0],
  ])('with malformed lists is refused with decode_error (%i, %i)', (...extension) => {
    const alone = extension[1] === 13 ? [0, 0, extension.length, ...extension] : null
    refuses('certificate_request', (body) => alone ?? withExtension(body, extension), 'ERR_DECODE', options)
  })

  it('with unknown extensions, and with those that a client need not know, is answered', () => {
    const extensions = [0x42, 0x42, 0, 1, 7, 0, 48, 0, 2, 0, 0, 0, 5, 0, 0, 0, 18, 0, 0, 0x0a, 0x0a, 0, 0]
    const script = onMessage('certificate_request', 0, (bytes) => {
      return handshakeMessage('certificate_request', Uint8Array.from(withExtension(bytes.subarray(4), extensions)))
    })
    expectComplete(attackClient({ ...options, script }))
  })
})

function withExtension(body: Uint8Array, extension: readonly number[]): number[] {
  const extensions = [...body.subarray(3), ...extension]
  return [0, extensions.length >>> 8, extensions.length & 0xff, ...extensions]
}
