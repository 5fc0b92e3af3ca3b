/**
 * From the certificates that a peer sent to a public key that can be trusted: RFC 5280 6 with the profile of TLS 1.3
 * (RFC 9846 4.5.2) and of ML-DSA (RFC 9881).
 */
import { equalBytes } from '../bytes.js'
import type { CryptoProvider, VerifyingKey } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Certificate, parseCertificate } from './certificate.js'
import {
  type CertificateUsage,
  checkCertificate,
  checkIssuer,
  checkLeaf,
  checkNamesOnPath,
} from './certificateChecks.js'
import { certificateKey, isSignedBy, signatureSchemeUnder } from './certificateSignature.js'
import { checkServerName } from './hostname.js'
import { brief } from './name.js'
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
  /** What is accepted as signature of a certificate, and as what the leaf's key may make. */
  readonly allowedSchemes: readonly SignatureSchemeName[]
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
/** Signatures checked for one chain at most: honest chains need one a certificate. */
const MAX_SIGNATURE_CHECKS = 20

/**
 * Finds a path from the peer's certificate to a trust anchor and checks everything on it: signatures, names in
 * sequence, validity, basicConstraints, keyUsage, extendedKeyUsage, nameConstraints, unknown critical extensions,
 * algorithms, and the server's name. Revocation is not checked.
 * @throws TrefoilError
 *   ERR_CERTIFICATE_REQUIRED: the chain is empty.
 *   ERR_CERTIFICATE_CHAIN_TOO_LONG: more certificates than `maxChainLength`.
 *   ERR_BAD_CERTIFICATE: a certificate is malformed.
 *   ERR_UNSUPPORTED_CERTIFICATE: an algorithm is not allowed, a critical extension is not known, or a certificate is
 *   used for what it does not allow.
 *   ERR_CERTIFICATE_EXPIRED, ERR_CERTIFICATE_NOT_YET_VALID, ERR_CERTIFICATE_NAME_MISMATCH.
 *   ERR_CERTIFICATE_SIGNATURE: the issuer that the certificate names did not sign it.
 *   ERR_UNKNOWN_CA: nothing leads to a trust anchor.
 */
export function verifyChain(options: VerifyChainOptions): VerifiedChain {
  const { chain, time, usage, serverName, crypto } = options
  // What the provider cannot verify is as good as not allowed.
  const allowedSchemes = options.allowedSchemes.filter((scheme) => crypto.supportsSignatureScheme(scheme))
  if (chain.length > (options.maxChainLength ?? DEFAULT_MAX_CHAIN_LENGTH)) {
    throw new TrefoilError('ERR_CERTIFICATE_CHAIN_TOO_LONG', `the peer sent a chain of ${chain.length} certificates`)
  }
  const [leaf, ...others] = chain.map(parseCertificate)
  if (leaf === undefined) throw new TrefoilError('ERR_CERTIFICATE_REQUIRED', 'the peer sent no certificate')
  // The leaf alone is judged first: it costs no signature check.
  checkCertificate(leaf, time)
  checkLeaf(leaf, usage, allowedSchemes)
  if (serverName !== undefined) checkServerName(leaf, serverName)
  const path = new PathSearch({ ...options, allowedSchemes }, others).from(leaf)
  return { leaf, path, publicKey: certificateKey(leaf, crypto) }
}

/** A depth-first search upwards, bounded by a budget of signature checks. */
class PathSearch {
  readonly #options: VerifyChainOptions
  readonly #intermediates: readonly Certificate[]
  #signatureChecks = 0
  /** Why the first attempt that failed did so. */
  #failure: TrefoilError | null = null

  constructor(options: VerifyChainOptions, intermediates: readonly Certificate[]) {
    this.#options = options
    this.#intermediates = intermediates
  }

  from(leaf: Certificate): readonly Certificate[] {
    const path = this.#extend([leaf])
    if (path !== null) return path
    throw (
      this.#failure ??
      new TrefoilError('ERR_UNKNOWN_CA', `nothing leads from ${brief(leaf.issuer.text)} to an authority trusted here`)
    )
  }

  /** `path` runs from the leaf upwards; the result ends in an anchor. */
  #extend(path: readonly Certificate[]): readonly Certificate[] | null {
    const { anchors } = this.#options
    const last = path[path.length - 1] as Certificate
    if (anchors.has(last) && this.#try(() => checkNamesOnPath(path))) return path
    for (const anchor of anchors.bySubject(last.issuer.der)) {
      const whole = [...path, anchor]
      if (this.#accepts(anchor, path) && this.#try(() => checkNamesOnPath(whole))) return whole
    }
    for (const intermediate of this.#intermediates) {
      const fits = equalBytes(intermediate.subject.der, last.issuer.der) && !path.includes(intermediate)
      if (!fits || !this.#accepts(intermediate, path)) continue
      const found = this.#extend([...path, intermediate])
      if (found !== null) return found
    }
    return null
  }

  #accepts(issuer: Certificate, below: readonly Certificate[]): boolean {
    const { time, usage } = this.#options
    const certificate = below[below.length - 1] as Certificate
    return (
      keyIdentifiersAgree(certificate, issuer) &&
      this.#try(() => {
        checkCertificate(issuer, time)
        checkIssuer(issuer, below, usage)
        this.#checkSignature(certificate, issuer)
      })
    )
  }

  /** Whether the checks pass; keeps the first failure for the case that no path is found. */
  #try(checks: () => void): boolean {
    try {
      checks()
      return true
    } catch (error) {
      if (!(error instanceof TrefoilError)) throw error
      this.#failure ??= error
      return false
    }
  }

  #checkSignature(certificate: Certificate, issuer: Certificate): void {
    const { allowedSchemes, crypto } = this.#options
    const name = brief(certificate.subject.text)
    if (!certificate.signatureSchemes.some((scheme) => allowedSchemes.includes(scheme))) {
      throw new TrefoilError(
        'ERR_UNSUPPORTED_CERTIFICATE',
        `the certificate of ${name} is signed with an algorithm that is not accepted (${certificate.signatureAlgorithm})`,
      )
    }
    const scheme = signatureSchemeUnder(certificate, issuer)
    if (scheme !== undefined && !allowedSchemes.includes(scheme)) {
      throw new TrefoilError(
        'ERR_UNSUPPORTED_CERTIFICATE',
        `the certificate of ${name} is signed with ${scheme}, which is not accepted`,
      )
    }
    this.#signatureChecks++
    if (this.#signatureChecks > MAX_SIGNATURE_CHECKS) {
      throw new TrefoilError(
        'ERR_CERTIFICATE_CHAIN_TOO_LONG',
        'the peer sent a maze of certificates instead of a chain',
      )
    }
    if (!isSignedBy(certificate, issuer, crypto)) {
      throw new TrefoilError(
        'ERR_CERTIFICATE_SIGNATURE',
        `the certificate of ${name} was not signed by the ${brief(issuer.subject.text)} that it names as its issuer`,
      )
    }
  }
}

/** RFC 5280 4.2.1.1: identifiers that differ mean another key of the same name. */
function keyIdentifiersAgree(certificate: Certificate, issuer: Certificate): boolean {
  const wanted = certificate.extensions.authorityKeyIdentifier
  const offered = issuer.extensions.subjectKeyIdentifier
  return wanted === null || offered === null || equalBytes(wanted, offered)
}
