/** Who proves what by which certificate, in all rows of a timeline: made once, since keys take time to make. */
import { createHash } from 'node:crypto'
import { defaultProvider } from '../../crypto/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  issueCertificate,
  parseCertificate,
  writePublicKeyPem,
} from '../../pki/index.js'

export const SERVER_NAME = 'server.example'

export interface Identity {
  /** PEM. */
  readonly cert: string
  readonly key: string
  readonly publicKey: string
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string
}

export interface Authority {
  /** PEM. */
  readonly ca: string
  /** PEM: what an adversary steals. */
  readonly key: string
  /** A server certificate with a fresh key, for whoever has the authority's own. */
  issue(algorithm?: IssuedAlgorithm): Identity
}

export interface Identities {
  readonly authority: Authority
  /** Under `authority`: the one in use, and the one that replaces it. */
  readonly server: Identity
  readonly renewed: Identity
  /** What takes the place of an authority whose key was stolen, with the server's certificate under it. */
  readonly newAuthority: Authority
  readonly serverOfNew: Identity
  /** ECDSA P-256: what a quantum computer breaks. */
  readonly classical: Authority
  readonly classicalServer: Identity
  /** ML-DSA, but certified with ECDSA: what a quantum computer can make. */
  readonly halfForged: Identity
}

export function makeIdentities(): Identities {
  const authority = makeAuthority('Timeline CA', 'mldsa44')
  const newAuthority = makeAuthority('Timeline CA 2', 'mldsa44')
  const classical = makeAuthority('Timeline classical CA', 'ecdsa-p256')
  return {
    authority,
    server: authority.issue(),
    renewed: authority.issue(),
    newAuthority,
    serverOfNew: newAuthority.issue(),
    classical,
    classicalServer: classical.issue(),
    halfForged: classical.issue('mldsa44'),
  }
}

function makeAuthority(commonName: string, algorithm: IssuedAlgorithm): Authority {
  const crypto = defaultProvider()
  const ca = createCertificateAuthority({ commonName, algorithm, days: 1, crypto })
  return {
    ca: ca.certificatePem,
    key: ca.privateKeyPem,
    issue: (kind = algorithm) =>
      describe(issueCertificate({ ca, subjectAltNames: [SERVER_NAME], algorithm: kind, days: 1, crypto })),
  }
}

function describe({ certificatePem, privateKeyPem, certificateDer }: CertifiedKey): Identity {
  return {
    cert: certificatePem,
    key: privateKeyPem,
    publicKey: writePublicKeyPem(parseCertificate(certificateDer).publicKeyInfo),
    fingerprint: fingerprintOf(certificateDer),
  }
}

export function fingerprintOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex')
}
