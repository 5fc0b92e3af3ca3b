import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeProvider } from '../../../src/crypto/index.js'
import type { Extension } from '../../../src/tls/extensions/extension.js'
import {
  decodeCertificate,
  decodeCertificateRequest,
  encodeCertificate,
  encodeCertificateRequest,
} from '../../../src/tls/messages/certificate.js'
import {
  certificateVerifyInput,
  decodeCertificateVerify,
  encodeCertificateVerify,
} from '../../../src/tls/messages/certificateVerify.js'
import { decodeClientHello, encodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { decodeEncryptedExtensions, encodeEncryptedExtensions } from '../../../src/tls/messages/encryptedExtensions.js'
import { encodeFinished } from '../../../src/tls/messages/finished.js'
import { decodeKeyUpdate, encodeKeyUpdate } from '../../../src/tls/messages/keyUpdate.js'
import { decodeNewSessionTicket, encodeNewSessionTicket } from '../../../src/tls/messages/newSessionTicket.js'
import {
  decodeServerHello,
  encodeServerHello,
  HELLO_RETRY_REQUEST_RANDOM,
  isHelloRetryRequest,
} from '../../../src/tls/messages/serverHello.js'
import { type Codec, describeCodec, extensions, octets, u16, u32 } from '../../support/codecs.js'

/** The body of an encoded message, whose header must be right. */
const bodyOf = (type: number, message: Uint8Array): Uint8Array => {
  const [code, high, middle, low] = message as unknown as [number, number, number, number]
  expect([code, (high << 16) | (middle << 8) | low]).toEqual([type, message.length - 4])
  return message.subarray(4)
}
const EXTENSIONS_TWICE = ['ERR_ILLEGAL_PARAMETER'] as const
const sumOfExtensions = (list: readonly Extension[]) => list.reduce((sum, { data }) => sum + 4 + data.length, 2)

const clientHello: Codec<ReturnType<typeof decodeClientHello>> = {
  values: fc.record({
    random: octets(32),
    sessionId: octets(0, 32),
    cipherSuites: fc.array(u16, { minLength: 1, maxLength: 20 }),
    compressionMethods: octets(1, 4),
    extensions,
  }),
  encode: (hello) => bodyOf(1, encodeClientHello(hello)),
  decode: decodeClientHello,
  // Clients before TLS 1.3 may end there.
  wholeAt: (body) => [body.length - sumOfExtensions(decodeClientHello(body).extensions)],
  refusals: ['ERR_PROTOCOL_VERSION', ...EXTENSIONS_TWICE],
}

const serverHello: Codec<ReturnType<typeof decodeServerHello>> = {
  values: fc.record({ random: octets(32), sessionId: octets(0, 32), cipherSuite: u16, extensions }),
  encode: (hello) => bodyOf(2, encodeServerHello(hello)),
  decode: decodeServerHello,
  wholeAt: (body) => [body.length - sumOfExtensions(decodeServerHello(body).extensions)],
  refusals: ['ERR_PROTOCOL_VERSION', ...EXTENSIONS_TWICE],
}

const encryptedExtensions: Codec<Extension[]> = {
  values: extensions,
  encode: (list) => bodyOf(8, encodeEncryptedExtensions(list)),
  decode: decodeEncryptedExtensions,
  refusals: EXTENSIONS_TWICE,
}

const certificate: Codec<readonly Uint8Array[]> = {
  values: fc.array(octets(1, 60), { maxLength: 5 }),
  encode: (chain) => bodyOf(11, encodeCertificate(chain)),
  decode: (body) => decodeCertificate(body).entries.map(({ certificate: der }) => der),
  refusals: EXTENSIONS_TWICE,
}

const certificateRequest: Codec<readonly Extension[]> = {
  values: extensions,
  encode: (list) => bodyOf(13, encodeCertificateRequest(list)),
  decode: (body) => decodeCertificateRequest(body).extensions,
  refusals: EXTENSIONS_TWICE,
}

const certificateVerify: Codec<ReturnType<typeof decodeCertificateVerify>> = {
  values: fc.record({ algorithm: u16, signature: octets(0, 300) }),
  encode: (message) => bodyOf(15, encodeCertificateVerify(message)),
  decode: decodeCertificateVerify,
}

const keyUpdate: Codec<boolean> = {
  values: fc.boolean(),
  encode: (requested) => bodyOf(24, encodeKeyUpdate(requested)),
  decode: decodeKeyUpdate,
  refusals: ['ERR_ILLEGAL_PARAMETER'],
}

const newSessionTicket: Codec<ReturnType<typeof decodeNewSessionTicket>> = {
  values: fc.record({
    lifetime: u32,
    ageAdd: u32,
    nonce: octets(0, 255),
    ticket: octets(1, 300),
    extensions,
  }),
  encode: (message) => bodyOf(4, encodeNewSessionTicket(message)),
  decode: decodeNewSessionTicket,
  refusals: EXTENSIONS_TWICE,
}

describeCodec('ClientHello', clientHello)
describeCodec('ServerHello', serverHello)
describeCodec('EncryptedExtensions', encryptedExtensions)
describeCodec('Certificate', certificate)
describeCodec('CertificateRequest', certificateRequest)
describeCodec('CertificateVerify', certificateVerify)
describeCodec('KeyUpdate', keyUpdate)
describeCodec('NewSessionTicket', newSessionTicket)

describe('what stands in single messages', () => {
  it('the random of a HelloRetryRequest is the SHA-256 of its name (RFC 9846 4.2.4)', () => {
    const hash = nodeProvider.hash('SHA-256', new TextEncoder().encode('HelloRetryRequest'))
    expect(HELLO_RETRY_REQUEST_RANDOM).toEqual(hash)
    const hello = { random: hash, sessionId: new Uint8Array(0), cipherSuite: 0x1301, extensions: [] }
    expect(isHelloRetryRequest(hello)).toBe(true)
    expect(isHelloRetryRequest({ ...hello, random: hash.with(31, 0) })).toBe(false)
  })

  it('the input of a signature starts with 64 spaces and names the role of the signer (RFC 9846 4.5.3)', () => {
    const hash = Uint8Array.of(1, 2, 3)
    const text = (signer: 'client' | 'server') => Buffer.from(certificateVerifyInput(signer, hash)).toString('latin1')
    const expected = (signer: string) => `${' '.repeat(64)}TLS 1.3, ${signer} CertificateVerify\0\x01\x02\x03`
    expect([text('client'), text('server')]).toEqual([expected('client'), expected('server')])
  })

  it('Finished is the bare MAC', () => {
    expect(bodyOf(20, encodeFinished(Uint8Array.of(1, 2, 3)))).toEqual(Uint8Array.of(1, 2, 3))
  })
})
