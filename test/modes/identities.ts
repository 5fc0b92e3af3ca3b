/** Certificates and PSKs, made once for a test file: making keys takes longer than most tests. */
import { randomBytes } from 'node:crypto'
import { defaultProvider } from '../../src/crypto/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssueOptions,
  issueCertificate,
} from '../../src/pki/index.js'

const crypto = defaultProvider()
const algorithm = 'mldsa44'

export function authority(commonName = 'Modes CA'): CertifiedKey {
  return createCertificateAuthority({ commonName, algorithm, crypto })
}

export const testCa = authority()
export const ca = testCa.certificatePem

export interface Identity {
  readonly cert: string
  readonly key: string
}

export function identity(name: string, options: Partial<IssueOptions> = {}): Identity {
  const issued = issueCertificate({ ca: testCa, subjectAltNames: [name], algorithm, crypto, ...options })
  return { cert: issued.certificatePem, key: issued.privateKeyPem }
}

export const serverIdentity = identity('127.0.0.1')
export const clientIdentity = identity('client.test')

export const psk = { identity: 'branch-17', key: randomBytes(32) }
