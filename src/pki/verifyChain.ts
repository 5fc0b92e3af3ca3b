/**
 * From the certificates that a peer sent to a public key that can be trusted: RFC 5280 6 with the profile of TLS 1.3
 * (RFC 9846 4.5.2) and of ML-DSA (RFC 9881).
 */
import { equalBytes } from '../bytes.js'
import type { CryptoProvider, VerifyingKey } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, parseCertificate } from './certificate.js'
import { type CertificateUsage, checkCertificate, checkLeaf } from './certificateChecks.js'
import { certificateKey } from './certificateSignature.js'
import { type ChainRule, chainError, noteFault } from './chainRules.js'
import { checkServerName } from './hostname.js'
import { findPath } from './pathSearch.js'
import type { TrustAnchors } from './trustAnchors.js'

export interface VerifyChainOptions {
  /** The peer's certificates in DER: its own first, intermediates in any order, the anchor or strangers may be among them. */
  readonly chain: readonly Uint8Array[]
  readonly anchors: TrustAnchors
  /** Now, in milliseconds of the Unix epoch. */
  readonly time: number
  /** The DNS name or IP address that the leaf must be for; without it names are not checked (client certificates). */
  readonly serverName?: string | undefined
  readonly usage: CertificateUsage
  /** What is accepted as signature of a certificate. */
  readonly allowedSchemes: readonly SignatureSchemeName[]
  /** What the leaf's key may sign the handshake with; `allowedSchemes` unless given. */
  readonly leafSchemes?: readonly SignatureSchemeName[] | undefined
  readonly crypto: CryptoProvider
  /** The longest `chain` that is looked at; 10 unless given. */
  readonly maxChainLength?: number | undefined
}

export interface VerifiedChain {
  readonly leaf: Certificate
  /** From the leaf to the trust anchor, both included. */
  readonly path: readonly Certificate[]
  /** The leaf's key. */
  readonly publicKey: VerifyingKey
}

const DEFAULT_MAX_CHAIN_LENGTH = 10

/**
 * Finds a path from the peer's certificate to a trust anchor and checks everything on it: signatures, names in
 * sequence, validity, basicConstraints, keyUsage, extendedKeyUsage, nameConstraints, unknown critical extensions,
 * algorithms, and the server's name. Revocation is not checked, and no certificate policy is asked for.
 *
 * The leaf by itself is judged first, since that costs no signature check. Where several paths fail, the refusal is the
 * most telling one: a broken rule before a signature that does not verify, both before an unknown authority, and of
 * several the one nearest to an anchor. `chainFault` gives the rule it rests on and the certificate that breaks it.
 * @throws TrefoilError
 *   ERR_CERTIFICATE_REQUIRED: the chain is empty.
 *   ERR_CERTIFICATE_CHAIN_TOO_LONG: more certificates than `maxChainLength`, or a maze of them.
 *   ERR_BAD_CERTIFICATE: a certificate is malformed.
 *   ERR_UNSUPPORTED_CERTIFICATE: an algorithm is not allowed, a critical extension is not known, or a certificate is
 *   used for what it does not allow.
 *   ERR_CERTIFICATE_EXPIRED, ERR_CERTIFICATE_NOT_YET_VALID, ERR_CERTIFICATE_NAME_MISMATCH.
 *   ERR_CERTIFICATE_SIGNATURE: the issuer that the certificate names did not sign it.
 *   ERR_UNKNOWN_CA: nothing leads to a trust anchor.
 *   ERR_INVALID_OPTION: `serverName` is neither a DNS name nor an IP address.
 */
export function verifyChain(options: VerifyChainOptions): VerifiedChain {
  const { chain, time, usage, serverName, crypto } = options
  const maxChainLength = options.maxChainLength ?? DEFAULT_MAX_CHAIN_LENGTH
  if (chain.length > maxChainLength) {
    throw chainError(
      'chain is short',
      null,
      'ERR_CERTIFICATE_CHAIN_TOO_LONG',
      `the peer sent a chain of ${chain.length} certificates; at most ${maxChainLength} are looked at`,
    )
  }
  const [leaf, ...others] = withoutRepeats(chain).map(parse)
  if (leaf === undefined) {
    throw chainError('has a certificate', null, 'ERR_CERTIFICATE_REQUIRED', 'the peer sent no certificate')
  }
  // What the provider cannot verify is as good as not allowed.
  const supported = (scheme: SignatureSchemeName): boolean => crypto.supportsSignatureScheme(scheme)
  const allowedSchemes = options.allowedSchemes.filter(supported)
  const leafSchemes = options.leafSchemes?.filter(supported) ?? allowedSchemes
  checkCertificate(leaf, time)
  checkLeaf(leaf, usage, leafSchemes)
  checkName(leaf, serverName)
  const { anchors } = options
  const path = findPath(leaf, others, { anchors, time, usage, allowedSchemes, crypto })
  return { leaf, path, publicKey: judged(leaf, 'well-formed', () => certificateKey(leaf, crypto)) }
}

/**
 * Checks again of a chain that was verified what may have changed since: the time, and the name that is asked for.
 * @throws TrefoilError as `verifyChain`
 */
export function checkAgain({ leaf, path }: VerifiedChain, time: number, serverName: string | undefined): void {
  for (const certificate of path) checkCertificate(certificate, time)
  checkName(leaf, serverName)
}

function checkName(leaf: Certificate, serverName: string | undefined): void {
  if (serverName !== undefined) judged(leaf, 'names the server', () => checkServerName(leaf, serverName))
}

/** Servers often send one certificate twice, which would only multiply the paths. */
function withoutRepeats(chain: readonly Uint8Array[]): Uint8Array[] {
  return chain.filter((der, index) => chain.findIndex((other) => equalBytes(other, der)) === index)
}

function parse(der: Uint8Array): Certificate {
  return judged(null, 'well-formed', () => parseCertificate(der))
}

/** Notes of the peer's faults which rule they break; a wrong option is none. */
function judged<T>(certificate: Certificate | null, rule: ChainRule, judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    if (error instanceof TrefoilError && error.blame === 'peer') noteFault(error, rule, certificate)
    throw error
  }
}
