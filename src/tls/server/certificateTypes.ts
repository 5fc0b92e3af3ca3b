/** Which types of certificate both ends show, and what EncryptedExtensions says of it (RFC 7250 section 4.2). */
import { TrefoilError } from '../../errors.js'
import type { ServerConfig } from '../config.js'
import {
  CERTIFICATE_TYPES,
  type CertificateType,
  DEFAULT_CERTIFICATE_TYPES,
  encodeCertificateType,
} from '../extensions/certificateType.js'
import type { Extension } from '../extensions/extension.js'
import type { ClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import type { CertificateTypes } from '../shared/environment.js'
import { ExtensionType } from '../wire/codePoints.js'

/** Whether this server asks clients for a certificate where it shows one itself. */
export function asksForCertificate(config: ServerConfig): boolean {
  return (config.clientCertificate ?? 'no') !== 'no'
}

/**
 * Our most preferred types that the client has too. For a handshake in which certificates are shown.
 * @throws TrefoilError ERR_UNSUPPORTED_CERTIFICATE when there is none in common (RFC 7250 4.2, case 2)
 */
export function chooseCertificateTypes(config: ServerConfig, extensions: ClientHelloExtensions): CertificateTypes {
  const { serverCertificateTypes, clientCertificateTypes } = extensions
  return {
    server: choose(config.serverCertificateTypes, serverCertificateTypes, 'accepts none of our certificate types'),
    // A server that asks for no certificate has nothing to choose: it leaves the extension out.
    client: asksForCertificate(config)
      ? choose(
          config.clientCertificateTypes,
          clientCertificateTypes,
          'can show none of the certificate types we accept',
        )
      : 'X509',
  }
}

/** An answer to what was offered, and only where it says something: X.509 is what no answer stands for. */
export function certificateTypeAnswers({ server, client }: CertificateTypes): Extension[] {
  const answers: Extension[] = []
  if (client !== 'X509') answers.push({ type: ExtensionType.client_certificate_type, data: encode(client) })
  if (server !== 'X509') answers.push({ type: ExtensionType.server_certificate_type, data: encode(server) })
  return answers
}

function choose(
  ours: readonly CertificateType[] = DEFAULT_CERTIFICATE_TYPES,
  offered: readonly number[] | null,
  otherwise: string,
): CertificateType {
  // RFC 7250 4.1: a client without the extension has X.509 alone.
  const theirs = offered ?? [CERTIFICATE_TYPES.X509]
  const type = ours.find((name) => theirs.includes(CERTIFICATE_TYPES[name]))
  if (type === undefined) throw new TrefoilError('ERR_UNSUPPORTED_CERTIFICATE', `client ${otherwise}`)
  return type
}

function encode(type: CertificateType): Uint8Array {
  return encodeCertificateType(CERTIFICATE_TYPES[type])
}
