/**
 * `trefoil/pki`: X.509 certificates, keys and names, with ML-DSA (RFC 9881) first and classical algorithms beside it.
 *
 * - To judge a peer: {@link loadTrustAnchors}, {@link verifyChain}.
 * - To read and describe: {@link loadCertificates}, {@link parseCertificate}, {@link describeCertificate},
 *   {@link loadPrivateKey}.
 * - To make certificates: {@link createCertificateAuthority}, {@link issueCertificate}.
 *
 * Every refusal is a `TrefoilError`. Revocation (CRL, OCSP) is not checked.
 */
export { type Certificate, isSelfIssued, parseCertificate } from './certificate.js'
export type { CertificateUsage } from './certificateChecks.js'
export { certificateKey, isSignedBy } from './certificateSignature.js'
export { type CertificateDescription, describeCertificate } from './describe.js'
export type { Passphrase } from './encryptedPrivateKey.js'
export type { CertificateExtensions, KeyUsage, NameConstraints } from './extensions.js'
export type { GeneralName } from './generalName.js'
export { checkServerName, matchesDnsName } from './hostname.js'
export {
  type CertificateAuthorityOptions,
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  type IssueOptions,
  issueCertificate,
  loadCertifiedKey,
} from './issue.js'
export type { DistinguishedName, NameAttribute } from './name.js'
export { type PemBlock, readPem, writePem } from './pem.js'
export { loadPrivateKey, type PrivateKeyOptions, parsePrivateKey, wipePrivateKey } from './privateKey.js'
export { encodePrivateKey, writePrivateKeyPem } from './privateKeyWriter.js'
export { encodePublicKey, type PublicKeyInfo, parsePublicKey } from './publicKey.js'
export { loadCertificates, loadTrustAnchors, type TrustAnchors, trustAnchors } from './trustAnchors.js'
export { type VerifiedChain, type VerifyChainOptions, verifyChain } from './verifyChain.js'
