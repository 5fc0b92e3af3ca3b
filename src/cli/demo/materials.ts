/** Everything the demonstration needs in files: certificates for both sites and for their key managers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProvider } from '../../crypto/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  issueCertificate,
} from '../../pki/index.js'

export interface Identity {
  readonly cert: string
  readonly key: string
}

/** Paths of PEM files. */
export interface Materials {
  /** ML-DSA-65: who the client and the server are. */
  readonly ca: string
  readonly server: Identity
  readonly client: Identity
  /** ECDSA P-256, since Node 20's OpenSSL has no ML-DSA: who may fetch keys, and from whom. */
  readonly kmeCa: string
  readonly kmeA: Identity
  readonly kmeB: Identity
  readonly saeA: Identity
  readonly saeB: Identity
  remove(): void
}

export const SAE_A = 'sae-client'
export const SAE_B = 'sae-server'

export function makeMaterials(): Materials {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-demo-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    return { ...writeMaterials(folder), remove }
  } catch (error) {
    remove()
    throw error
  }
}

function writeMaterials(folder: string): Omit<Materials, 'remove'> {
  const crypto = defaultProvider()
  const put = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const authority = (commonName: string, algorithm: IssuedAlgorithm) =>
    createCertificateAuthority({ commonName, algorithm, crypto, days: 1 })
  const issue = (ca: CertifiedKey, commonName: string, algorithm: IssuedAlgorithm): Identity => {
    const subjectAltNames = ['127.0.0.1', 'localhost']
    const made = issueCertificate({ ca, commonName, subjectAltNames, algorithm, crypto, days: 1 })
    return { cert: put(`${commonName}.pem`, made.certificatePem), key: put(`${commonName}.key`, made.privateKeyPem) }
  }
  const ca = authority('Demonstration CA', 'mldsa65')
  const kmeCa = authority('Key manager CA', 'ecdsa-p256')
  return {
    ca: put('ca.pem', ca.certificatePem),
    server: issue(ca, 'site-b-server', 'mldsa65'),
    client: issue(ca, 'site-a-client', 'mldsa65'),
    kmeCa: put('kme-ca.pem', kmeCa.certificatePem),
    kmeA: issue(kmeCa, 'KME-A', 'ecdsa-p256'),
    kmeB: issue(kmeCa, 'KME-B', 'ecdsa-p256'),
    saeA: issue(kmeCa, SAE_A, 'ecdsa-p256'),
    saeB: issue(kmeCa, SAE_B, 'ecdsa-p256'),
  }
}
