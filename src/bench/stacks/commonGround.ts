/** What Trefoil and the running Node's own tls can both do, and credentials for it. */
import { toHex } from '../../bytes.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import { defaultProvider } from '../../crypto/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  issueCertificate,
} from '../../pki/index.js'
import { type Credentials, type Identity, type Profile, SERVER_NAME } from './settings.js'

/** ML-KEM and ML-DSA came to OpenSSL, and with it to node:tls, with version 3.5. */
export const nodeTlsIsPostQuantum = atLeast(process.versions.openssl, 3, 5)

/** The best that node:tls can: on Node 20, P-256 certificates and X25519. */
export const commonAlgorithm: IssuedAlgorithm = nodeTlsIsPostQuantum ? 'mldsa65' : 'ecdsa-p256'
export const commonGroup: NamedGroupName = nodeTlsIsPostQuantum ? 'X25519MLKEM768' : 'x25519'

export const CERTIFICATE_PROFILE: Profile = {
  mode: 'certificate',
  suite: 'TLS_AES_256_GCM_SHA384',
  group: commonGroup,
}

/** An authority, and a leaf for each end, all of one algorithm. */
export function makeCredentials(algorithm: IssuedAlgorithm = commonAlgorithm): Credentials {
  const crypto = defaultProvider()
  const ca = createCertificateAuthority({ commonName: 'Bench CA', algorithm, crypto, days: 1 })
  const issue = (name: string) =>
    identity(issueCertificate({ ca, subjectAltNames: [name], algorithm, crypto, days: 1 }))
  return {
    algorithm,
    authority: ca.certificatePem,
    server: issue(SERVER_NAME),
    client: issue('client.example'),
    psk: toHex(crypto.randomBytes(32)),
  }
}

function identity({ certificatePem, privateKeyPem }: CertifiedKey): Identity {
  return { cert: certificatePem, key: privateKeyPem }
}

function atLeast(version: string, ...least: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return major > least[0] || (major === least[0] && minor >= least[1])
}
