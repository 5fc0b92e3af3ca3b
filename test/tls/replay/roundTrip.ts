/** Every message and extension that our encoders can express: decoded, then encoded again. */
import {
  decodeApplicationProtocols,
  encodeApplicationProtocols,
} from '../../../src/tls/extensions/applicationProtocols.js'
import { decodeCodePoints, encodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import type { Extension, ExtensionContext } from '../../../src/tls/extensions/extension.js'
import {
  decodeClientKeyShares,
  decodeSelectedGroup,
  decodeServerKeyShare,
  encodeClientKeyShares,
  encodeSelectedGroup,
  encodeServerKeyShare,
} from '../../../src/tls/extensions/keyShare.js'
import {
  decodeOfferedPsks,
  decodeSelectedIdentity,
  encodeOfferedPsks,
  encodeSelectedIdentity,
} from '../../../src/tls/extensions/preSharedKey.js'
import {
  decodeCertificateAuthorities,
  decodeCookie,
  decodePskKeyExchangeModes,
  decodeRecordSizeLimit,
  decodeSelectedVersion,
  encodeCertificateAuthorities,
  encodeCookie,
  encodePskKeyExchangeModes,
  encodeRecordSizeLimit,
  encodeSelectedVersion,
} from '../../../src/tls/extensions/scalars.js'
import { decodeServerName, encodeServerName } from '../../../src/tls/extensions/serverName.js'
import {
  decodeCertificate,
  decodeCertificateRequest,
  encodeCertificate,
  encodeCertificateRequest,
} from '../../../src/tls/messages/certificate.js'
import { decodeCertificateVerify, encodeCertificateVerify } from '../../../src/tls/messages/certificateVerify.js'
import { decodeClientHello, encodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { decodeEncryptedExtensions, encodeEncryptedExtensions } from '../../../src/tls/messages/encryptedExtensions.js'
import { encodeFinished } from '../../../src/tls/messages/finished.js'
import { decodeKeyUpdate, encodeKeyUpdate } from '../../../src/tls/messages/keyUpdate.js'
import { decodeNewSessionTicket, encodeNewSessionTicket } from '../../../src/tls/messages/newSessionTicket.js'
import { decodeServerHello, encodeServerHello, isHelloRetryRequest } from '../../../src/tls/messages/serverHello.js'
import { encodeHandshake } from '../../../src/tls/wire/handshake.js'
import type { RecordedMessage } from '../../support/traces.js'

/** The message as our encoder writes what our decoder read. */
export function reencode({ type, body }: RecordedMessage): Uint8Array {
  switch (type) {
    case 'client_hello':
      return encodeClientHello(decodeClientHello(body))
    case 'server_hello':
      return encodeServerHello(decodeServerHello(body))
    case 'encrypted_extensions':
      return encodeEncryptedExtensions(decodeEncryptedExtensions(body))
    case 'certificate_request':
      return encodeCertificateRequest(decodeCertificateRequest(body).extensions)
    case 'certificate':
      return encodeCertificate(decodeCertificate(body).entries.map(({ certificate }) => certificate))
    case 'certificate_verify':
      return encodeCertificateVerify(decodeCertificateVerify(body))
    case 'finished':
      return encodeFinished(body)
    case 'new_session_ticket':
      return encodeNewSessionTicket(decodeNewSessionTicket(body))
    case 'key_update':
      return encodeKeyUpdate(decodeKeyUpdate(body))
    case 'end_of_early_data':
      // Trefoil never sends it: it is a header and nothing more (RFC 9846 4.6.2).
      return encodeHandshake(type, () => {})
    case 'message_hash':
      throw new Error('message_hash never is on the wire')
  }
}

/** The extensions of a message, with the context that decides how each body is written. */
export function extensionsOf({ type, body }: RecordedMessage): [ExtensionContext, readonly Extension[]] | null {
  switch (type) {
    case 'client_hello':
      return ['CH', decodeClientHello(body).extensions]
    case 'server_hello': {
      const hello = decodeServerHello(body)
      return [isHelloRetryRequest(hello) ? 'HRR' : 'SH', hello.extensions]
    }
    case 'encrypted_extensions':
      return ['EE', decodeEncryptedExtensions(body)]
    case 'certificate_request':
      return ['CR', decodeCertificateRequest(body).extensions]
    case 'new_session_ticket':
      return ['NST', decodeNewSessionTicket(body).extensions]
    default:
      return null
  }
}

const codePoints = (prefix: 1 | 2) => (data: Uint8Array) => encodeCodePoints(prefix, decodeCodePoints(prefix, data, ''))
const hostName = (data: Uint8Array) => encodeServerName(decodeServerName(data) ?? '')
const protocols = (data: Uint8Array) => encodeApplicationProtocols(decodeApplicationProtocols(data))
const version = (data: Uint8Array) => encodeSelectedVersion(decodeSelectedVersion(data))
const recordSizeLimit = (data: Uint8Array) => encodeRecordSizeLimit(decodeRecordSizeLimit(data))
const authorities = (data: Uint8Array) => encodeCertificateAuthorities(decodeCertificateAuthorities(data))
const cookie = (data: Uint8Array) => encodeCookie(decodeCookie(data))

const BODIES: { readonly [place: string]: (data: Uint8Array) => Uint8Array } = {
  'CH 0': hostName,
  'CH 10': codePoints(2),
  'EE 10': codePoints(2),
  'CH 13': codePoints(2),
  'CR 13': codePoints(2),
  'CH 16': protocols,
  'CH 28': recordSizeLimit,
  'EE 28': recordSizeLimit,
  'CH 41': (data) => encodeOfferedPsks(decodeOfferedPsks(data)),
  'SH 41': (data) => encodeSelectedIdentity(decodeSelectedIdentity(data)),
  'CH 43': codePoints(1),
  'SH 43': version,
  'HRR 43': version,
  'CH 44': cookie,
  'HRR 44': cookie,
  'CH 45': (data) => encodePskKeyExchangeModes(decodePskKeyExchangeModes(data)),
  'CR 47': authorities,
  'CH 51': (data) => encodeClientKeyShares(decodeClientKeyShares(data)),
  'SH 51': (data) => encodeServerKeyShare(decodeServerKeyShare(data)),
  'HRR 51': (data) => encodeSelectedGroup(decodeSelectedGroup(data)),
}

/** The body as our encoder writes it; null where we have no codec, because Trefoil neither sends nor reads it. */
export function reencodeExtension(context: ExtensionContext, { type, data }: Extension): Uint8Array | null {
  return BODIES[`${context} ${type}`]?.(data) ?? null
}
