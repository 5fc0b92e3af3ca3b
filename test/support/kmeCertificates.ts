/** A CA and its leaves for key manager links; ECDSA P-256 by default, since Node 20's OpenSSL knows no ML-DSA. */
import { nodeProvider } from '../../src/crypto/index.js'
import { createCertificateAuthority, type IssuedAlgorithm, issueCertificate } from '../../src/pki/index.js'

const crypto = nodeProvider

export interface Leaf {
  readonly cert: string
  readonly key: string
}

export interface TestAuthority {
  readonly ca: string
  /** For client and server; `subjectAltNames` defaults to localhost and 127.0.0.1. */
  issue(commonName: string, subjectAltNames?: readonly string[]): Leaf
}

export function createTestAuthority(commonName: string, algorithm: IssuedAlgorithm = 'ecdsa-p256'): TestAuthority {
  const ca = createCertificateAuthority({ commonName, algorithm, crypto })
  return {
    ca: ca.certificatePem,
    issue(name, subjectAltNames = ['localhost', '127.0.0.1']) {
      const leaf = issueCertificate({ ca, commonName: name, subjectAltNames, algorithm, crypto })
      return { cert: leaf.certificatePem, key: leaf.privateKeyPem }
    },
  }
}
