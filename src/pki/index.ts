/**
 * `trefoil/pki`: X.509 certificates, keys and names, with ML-DSA (RFC 9881) first and classical algorithms beside it.
 *
 * - To judge a peer: {@link loadTrustAnchors}, {@link verifyChain}.
 * - To read and describe: {@link loadCertificates}, {@link parseCertificate}, {@link describeCertificate},
 *   {@link loadPrivateKey}.
 * - To make certificates: {@link createCertificateAuthority}, {@link issueCertificate}; from requests (PKCS#10):
 *   {@link createCertificateRequest}, {@link grantRequest}.
 * - For raw keys and a web of trust: {@link loadPublicKey}, {@link endorse}, {@link verifyEndorsements}.
 *
 * Every refusal is a `TrefoilError`. Revocation (CRL, OCSP) is not checked.
 */
export { type Certificate, isSelfIssued, parseCertificate } from './certificate.js'
export type { CertificateUsage } from './certificateChecks.js'
export { type CertificateRequest, loadCertificateRequest } from './certificateRequest.js'
export { certificateKey, isSignedBy } from './certificateSignature.js'
export { CHAIN_RULES, type ChainFault, type ChainRule, chainFault } from './chainRules.js'
export {
  type CertificateDescription,
  describeCertificate,
  describePublicKey,
  describeRequest,
  type PublicKeyDescription,
  type RequestDescription,
} from './describe.js'
export type { Passphrase } from './encryptedPrivateKey.js'
export { type EndorseOptions, endorse, loadEndorsements, writeEndorsementPem } from './endorsements/endorse.js'
export {
  type Endorsement,
  type EndorsementPurpose,
  type EndorsementStatement,
  parseEndorsement,
} from './endorsements/endorsement.js'
export { canonicalName } from './endorsements/peerName.js'
export {
  checkWeb,
  type EndorsementFault,
  type EndorsementVerdict,
  type VerifyEndorsementsOptions,
  verifyEndorsements,
} from './endorsements/verifyEndorsements.js'
export type { CertificateExtensions, KeyUsage, NameConstraints } from './extensions.js'
export type { GeneralName } from './generalName.js'
export { checkServerName, matchesDnsName } from './hostname.js'
export {
  type CertificateAuthorityOptions,
  type CertifiedKey,
  type CertifyOptions,
  certifyPublicKey,
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
export {
  formatFingerprint,
  isSameKey,
  keyFingerprint,
  keyId,
  loadPublicKey,
  parseFingerprint,
  writePublicKeyPem,
} from './publicKeyFile.js'
export {
  type CertificateRequestOptions,
  checkRequest,
  createCertificateRequest,
  type GrantOptions,
  grantRequest,
  type RequestedKey,
} from './requestIssue.js'
export { loadCertificates, loadTrustAnchors, type TrustAnchors, trustAnchors } from './trustAnchors.js'
export { VerifiedChains, type VerifiedChainsOptions } from './verifiedChains.js'
export { type VerifiedChain, type VerifyChainOptions, verifyChain } from './verifyChain.js'
