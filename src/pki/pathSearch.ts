/**
 * The search upwards from a leaf to a trust anchor (RFC 5280 6.1; the order of certificates is free, RFC 9846 4.5.2).
 *
 * Several authorities may bear the name that a certificate gives as its issuer: cross-signed ones, renewed ones,
 * strangers. Each is tried, so one that is expired or unfit does not spoil a path that avoids it.
 */

import { equalBytes } from '../bytes.js'
import type { CryptoProvider } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'
import { type CertificateUsage, checkCertificate, checkIssuer, checkNamesOnPath } from './certificateChecks.js'
import { isSignedBy, signatureSchemeUnder } from './certificateSignature.js'
import { chainError, chainFault, noteFault } from './chainRules.js'
import { brief } from './name.js'
import { keyIdentifiersAgree, type TrustAnchors } from './trustAnchors.js'

export interface PathSearchOptions {
  readonly anchors: TrustAnchors
  readonly time: number
  readonly usage: CertificateUsage
  /** What is accepted as signature of a certificate. */
  readonly allowedSchemes: readonly SignatureSchemeName[]
  readonly crypto: CryptoProvider
}

type Path = readonly [Certificate, ...Certificate[]]

/** Signatures checked for one chain at most: honest chains need one a certificate. */
const MAX_SIGNATURE_CHECKS = 20
/** Issuers looked at for one chain at most, whether or not it comes to their signature. */
const MAX_CANDIDATES = 1000

/**
 * The path from the leaf to an anchor, both included.
 *
 * When there is none, the refusal is the most telling one of those met on the way. A rule that was broken tells more
 * than a signature that does not verify, which may only mean that another authority bears the same name; both tell more
 * than that nothing leads on. Of several of a kind the one highest above the leaf counts, an anchor before an
 * intermediate, and then the first one met.
 * @throws TrefoilError as `verifyChain`
 */
export function findPath(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  options: PathSearchOptions,
): readonly Certificate[] {
  return new PathSearch(options, intermediates).from(leaf)
}

/** Depth first, bounded by a budget of signature checks and one of candidates. */
class PathSearch {
  readonly #options: PathSearchOptions
  readonly #intermediates: readonly Certificate[]
  #signatureChecks = 0
  #candidates = 0
  #failure: { readonly error: TrefoilError; readonly rank: number } | null = null

  constructor(options: PathSearchOptions, intermediates: readonly Certificate[]) {
    this.#options = options
    this.#intermediates = intermediates
  }

  from(leaf: Certificate): readonly Certificate[] {
    const path = this.#extend([leaf])
    if (path !== null) return path
    const issuer = brief(leaf.issuer.text)
    throw (
      this.#failure?.error ??
      chainError(
        'leads to a trust anchor',
        leaf,
        'ERR_UNKNOWN_CA',
        `nothing leads from ${issuer} to an authority trusted here`,
      )
    )
  }

  /** `path` runs from the leaf upwards; the result ends in an anchor. */
  #extend(path: Path): Path | null {
    const { anchors } = this.#options
    const last = path[path.length - 1] as Certificate
    if (anchors.has(last) && this.#try(path.length, true, () => checkNamesOnPath(path))) return path
    for (const anchor of anchors.issuersOf(last)) {
      const whole: Path = [...path, anchor]
      if (this.#accepts(anchor, path, true) && this.#try(whole.length, true, () => checkNamesOnPath(whole)))
        return whole
    }
    for (const intermediate of this.#intermediates) {
      const fits = equalBytes(intermediate.subject.der, last.issuer.der) && keyIdentifiersAgree(last, intermediate)
      if (!fits || path.includes(intermediate) || anchors.has(intermediate)) continue
      if (!this.#accepts(intermediate, path, false)) continue
      const found = this.#extend([...path, intermediate])
      if (found !== null) return found
    }
    return null
  }

  #accepts(issuer: Certificate, below: Path, isAnchor: boolean): boolean {
    const { time, usage } = this.#options
    this.#candidates++
    if (this.#candidates > MAX_CANDIDATES) throw maze()
    return this.#try(below.length, isAnchor, () => {
      checkCertificate(issuer, time)
      checkIssuer(issuer, below, usage)
      this.#checkSignature(below[below.length - 1] as Certificate, issuer)
    })
  }

  /** Whether the checks pass; keeps the most telling failure for the case that no path is found. */
  #try(height: number, isAnchor: boolean, checks: () => void): boolean {
    try {
      checks()
      return true
    } catch (error) {
      const fault = chainFault(error)
      if (!(error instanceof TrefoilError) || fault?.rule === 'search is bounded') throw error
      // What has no rule of its own is a key that is none.
      if (fault === null) noteFault(error, 'well-formed', null)
      const kind = fault?.rule === 'signature verifies' ? 0 : 1
      const rank = 1000 * kind + 2 * height + Number(isAnchor)
      if (this.#failure === null || rank > this.#failure.rank) this.#failure = { error, rank }
      return false
    }
  }

  #checkSignature(certificate: Certificate, issuer: Certificate): void {
    const { allowedSchemes, crypto } = this.#options
    const name = brief(certificate.subject.text)
    const scheme = signatureSchemeUnder(certificate, issuer)
    const possible = scheme === undefined ? certificate.signatureSchemes : [scheme]
    if (!possible.some((candidate) => allowedSchemes.includes(candidate))) {
      throw chainError(
        'signature algorithm accepted',
        certificate,
        'ERR_UNSUPPORTED_CERTIFICATE',
        `the certificate of ${name} is signed with an algorithm that is not accepted (${scheme ?? certificate.signatureAlgorithm})`,
      )
    }
    this.#signatureChecks++
    if (this.#signatureChecks > MAX_SIGNATURE_CHECKS) throw maze()
    if (!isSignedBy(certificate, issuer, crypto)) {
      throw chainError(
        'signature verifies',
        certificate,
        'ERR_CERTIFICATE_SIGNATURE',
        `the certificate of ${name} was not signed by the ${brief(issuer.subject.text)} that it names as its issuer`,
      )
    }
  }
}

/** Ends the search: where it was cut short, nothing can be said of the paths not tried. */
function maze(): TrefoilError {
  return chainError(
    'search is bounded',
    null,
    'ERR_CERTIFICATE_CHAIN_TOO_LONG',
    'the peer sent a maze of certificates instead of a chain',
  )
}
