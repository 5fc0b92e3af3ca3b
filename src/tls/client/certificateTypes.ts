/** The certificate types that a server chose in EncryptedExtensions (RFC 7250 section 4.2, RFC 9846 4.4.1). */
import { TrefoilError } from '../../errors.js'
import type { ClientConfig } from '../config.js'
import {
  type CertificateType,
  certificateTypeByCode,
  DEFAULT_CERTIFICATE_TYPES,
  decodeCertificateType,
} from '../extensions/certificateType.js'
import type { Extensions } from '../extensions/extension.js'
import type { CertificateTypes } from '../shared/environment.js'
import { ExtensionType } from '../wire/codePoints.js'

/** @throws TrefoilError ERR_ILLEGAL_PARAMETER when a choice was not offered, ERR_DECODE when it is no single value */
export function selectedCertificateTypes(config: ClientConfig, extensions: Extensions): CertificateTypes {
  return {
    server: selected(extensions.get(ExtensionType.server_certificate_type), config.serverCertificateTypes),
    client: selected(extensions.get(ExtensionType.client_certificate_type), config.clientCertificateTypes),
  }
}

/**
 * RFC 7250 4.2 lets a server leave the answer out, and it then shows an X.509 chain: a client that takes raw keys alone
 * must say no itself.
 */
export function requireAcceptedType({ serverCertificateTypes }: ClientConfig, { server }: CertificateTypes): void {
  if ((serverCertificateTypes ?? DEFAULT_CERTIFICATE_TYPES).includes(server)) return
  throw new TrefoilError(
    'ERR_UNSUPPORTED_CERTIFICATE',
    'server shows an X.509 chain where only raw public keys will do',
  )
}

function selected(
  data: Uint8Array | undefined,
  offered: readonly CertificateType[] = DEFAULT_CERTIFICATE_TYPES,
): CertificateType {
  if (data === undefined) return 'X509'
  const code = decodeCertificateType(data)
  const type = certificateTypeByCode(code)
  if (type === undefined || !offered.includes(type)) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `server chose certificate type ${code}, which was not offered`)
  }
  return type
}
