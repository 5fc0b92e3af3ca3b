/** For tests of certificate types (RFC 7250): both ends with raw public keys, and what each says of them. */
import type { ErrorCode } from '../../src/errors.js'
import { ERROR_TABLE } from '../../src/errors.js'
import type { CertificateType } from '../../src/tls/index.js'
import { decodeClientHello } from '../../src/tls/messages/clientHello.js'
import { decodeEncryptedExtensions, encodeEncryptedExtensions } from '../../src/tls/messages/encryptedExtensions.js'
import { ExtensionType } from '../../src/tls/wire/codePoints.js'
import { type Attack, type AttackOptions, ed25519Credential, expectRefusal } from './attack.js'
import { both, type Extended, onMessage } from './hellos.js'
import { honest, type Script } from './scriptedPeer.js'

export const RAW: readonly CertificateType[] = ['RawPublicKey']
export const X509: readonly CertificateType[] = ['X509']
export const BOTH: readonly CertificateType[] = ['RawPublicKey', 'X509']
export const SERVER_TYPE = ExtensionType.server_certificate_type
export const CLIENT_TYPE = ExtensionType.client_certificate_type

export const mutual = {
  server: { clientCertificate: 'require', clientCertificateTypes: RAW, serverCertificateTypes: RAW },
  client: { clientCertificateTypes: RAW, serverCertificateTypes: RAW },
  clientHandlers: { selectCertificate: () => ed25519Credential },
} as const satisfies AttackOptions

/** What passed in hellos and EncryptedExtensions of a scripted peer, as [type, octets]. */
export function watching(script: Script = honest) {
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

export const encryptedExtensions = (edit: (message: Extended) => Extended) =>
  onMessage('encrypted_extensions', 0, (bytes) => {
    return encodeEncryptedExtensions(edit({ extensions: decodeEncryptedExtensions(bytes.subarray(4)) }).extensions)
  })

export function expectRefused(outcome: Attack, code: ErrorCode): void {
  expectRefusal(outcome, code, ERROR_TABLE[code].alert as 'illegal_parameter')
}
