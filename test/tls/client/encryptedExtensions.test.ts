import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../src/errors.js'
import { ERROR_TABLE } from '../../../src/errors.js'
import type { Extension } from '../../../src/tls/extensions/extension.js'
import { decodeEncryptedExtensions, encodeEncryptedExtensions } from '../../../src/tls/messages/encryptedExtensions.js'
import { type AttackOptions, attackClient, expectComplete, expectRefusal } from '../../support/attack.js'
import { adding, type Extended, having, onMessage } from '../../support/hellos.js'

type Edit = (message: Extended) => Extended

function attack(edit: Edit, client: AttackOptions['client'] = {}) {
  const script = onMessage('encrypted_extensions', 0, (bytes) => {
    const extensions: readonly Extension[] = decodeEncryptedExtensions(bytes.subarray(4))
    return encodeEncryptedExtensions(edit({ extensions }).extensions)
  })
  return attackClient({ script, client: { recordSizeLimit: 16_385, applicationProtocols: ['a', 'b'], ...client } })
}

function refuses(edit: Edit, code: ErrorCode, client: AttackOptions['client'] = {}): void {
  expectRefusal(attack(edit, client), code, ERROR_TABLE[code].alert as 'illegal_parameter')
}

describe('a client takes EncryptedExtensions', () => {
  it.each<readonly [string, Edit]>([
    ['with nothing in them', () => ({ extensions: [] })],
    ['with groups for later connections', (message) => having(message, 'supported_groups', [0, 4, 1, 0, 0, 23])],
    ['with an empty server_name', (message) => having(message, 'server_name', [])],
    [
      'with a protocol that it offered',
      (message) => having(message, 'application_layer_protocol_negotiation', [0, 2, 1, 98]),
    ],
    ['with the smallest record size limit', (message) => having(message, 'record_size_limit', [0, 64])],
  ])('%s', (_title, edit) => expectComplete(attack(edit)))
})

describe('a client refuses EncryptedExtensions with illegal_parameter', () => {
  it.each<readonly [string, Edit]>([
    ['with a key share', (message) => having(message, 'key_share', [0, 29, 0, 1, 1])],
    ['with supported_versions', (message) => having(message, 'supported_versions', [3, 4])],
    ['with signature_algorithms', (message) => having(message, 'signature_algorithms', [0, 2, 8, 7])],
    ['with pre_shared_key', (message) => having(message, 'pre_shared_key', [0, 0])],
    ['with tls_cert_with_extern_psk', (message) => having(message, 'tls_cert_with_extern_psk', [])],
    ['with a cookie', (message) => having(message, 'cookie', [0, 1, 1])],
    ['with padding', (message) => having(message, 'padding', [0])],
    [
      'with an extension that comes twice',
      (message) => adding(message, ...[1, 2].map(() => ({ type: 0, data: new Uint8Array(0) }))),
    ],
    [
      'with a protocol that it did not offer',
      (message) => having(message, 'application_layer_protocol_negotiation', [0, 2, 1, 99]),
    ],
    [
      'with two protocols',
      (message) => having(message, 'application_layer_protocol_negotiation', [0, 4, 1, 97, 1, 98]),
    ],
    ['with a record size limit below 64 octets', (message) => having(message, 'record_size_limit', [0, 63])],
    ['with a record size limit above what TLS 1.3 has', (message) => having(message, 'record_size_limit', [0x40, 2])],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_ILLEGAL_PARAMETER'))
})

describe('a client refuses EncryptedExtensions with unsupported_extension, if they answer', () => {
  it.each<readonly [string, Edit]>([
    ['early_data, which it never offers', (message) => having(message, 'early_data', [])],
    ['max_fragment_length, which it never offers', (message) => having(message, 'max_fragment_length', [1])],
    ['client_certificate_type, which it did not offer', (message) => having(message, 'client_certificate_type', [0])],
    ['an unknown extension', (message) => having(message, 0x4242, [])],
    ['a reserved extension', (message) => having(message, 0x0a0a, [])],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_UNSUPPORTED_EXTENSION'))

  it('what it did not ask for in this very connection', () => {
    const silent = { serverName: null, applicationProtocols: [] }
    refuses((message) => having(message, 'server_name', []), 'ERR_UNSUPPORTED_EXTENSION', silent)
    const protocol: Edit = (message) => having(message, 'application_layer_protocol_negotiation', [0, 2, 1, 97])
    refuses(protocol, 'ERR_UNSUPPORTED_EXTENSION', silent)
    const limit: Edit = (message) => having(message, 'record_size_limit', [1, 0])
    const { target } = attackClient({ script: editing(limit) })
    expect(target.error?.code).toBe('ERR_UNSUPPORTED_EXTENSION')
  })
})

describe('a client refuses EncryptedExtensions with decode_error', () => {
  it.each<readonly [string, Edit]>([
    ['with octets in server_name', (message) => having(message, 'server_name', [0])],
    ['with an empty list of groups', (message) => having(message, 'supported_groups', [0, 0])],
    ['with an empty protocol', (message) => having(message, 'application_layer_protocol_negotiation', [0, 1, 0])],
    ['with a record size limit of three octets', (message) => having(message, 'record_size_limit', [0, 64, 0])],
  ])('%s', (_title, edit) => refuses(edit, 'ERR_DECODE'))
})

function editing(edit: Edit) {
  return onMessage('encrypted_extensions', 0, (bytes) => {
    return encodeEncryptedExtensions(edit({ extensions: decodeEncryptedExtensions(bytes.subarray(4)) }).extensions)
  })
}
