/** The core's two questions about certificates: which of ours to show, and whether to believe the peer's. */
import { isIP } from 'node:net'
import { type PeerCertificate, rootCertificates } from 'node:tls'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError, toTrefoilError } from '../errors.js'
import {
  type Certificate,
  certificateKey,
  loadTrustAnchors,
  matchesDnsName,
  parseCertificate,
  type TrustAnchors,
} from '../pki/index.js'
import type { Credential, SelectCertificateRequest, VerifiedPeer, VerifyCertificateRequest } from '../tls/index.js'
import { toPeerCertificate } from './peerCertificate.js'
import { selectRawKey } from './rawKeys/ownKeys.js'
import type { RawKeyVerifier } from './rawKeys/verifyRawKey.js'
import type { LoadedCredential, SecureContext } from './secureContext.js'

/** As in node:tls: takes the place of the name check; an error returned refuses the server. */
export type CheckServerIdentity = (hostname: string, certificate: PeerCertificate) => Error | undefined

export interface VerificationOptions {
  readonly context: SecureContext
  readonly rawKeys: RawKeyVerifier
  readonly anchors: TrustAnchors | null
  /** The server's DNS name or address; null on a server. */
  readonly identity: string | null
  readonly rejectUnauthorized: boolean
  readonly checkServerIdentity?: CheckServerIdentity | undefined
}

/** What `verifyCertificate` notes for the socket: why the peer is not authenticated, or null when it is. */
export interface PeerVerdict {
  readonly authorizationError: TrefoilError | null
}

/** @throws TrefoilError what `verifyChain` or a RawKeyVerifier throws, unless `rejectUnauthorized` is false */
export function verifyCertificate(request: VerifyCertificateRequest, options: VerificationOptions): VerifiedPeer {
  try {
    return { publicKey: verify(request, options), source: verdict(null) }
  } catch (thrown) {
    const error = toTrefoilError(thrown)
    if (options.rejectUnauthorized) throw error
    // CertificateVerify is still checked, with whatever key the certificate holds.
    return { publicKey: shownKey(request, options), source: verdict(error) }
  }
}

/**
 * One of our credentials that the peer can verify, in our order of preference: one for the name asked for before
 * others, one whose chain uses only signatures the peer knows before others (RFC 9846 4.5.2: else any will do).
 */
export function selectCertificate(
  request: SelectCertificateRequest,
  { credentials, rawKeys, signatureSchemes: preference }: SecureContext,
): Credential | null {
  if (request.certificateType === 'RawPublicKey') return selectRawKey(request, rawKeys, preference)
  let best: { credential: Credential; score: number } | null = null
  for (const candidate of credentials) {
    const signatureScheme = pickScheme(request, candidate, preference)
    if (signatureScheme === undefined) continue
    const score = 2 * Number(isNamed(candidate.leaf, request.serverName)) + Number(isReadable(candidate, request))
    if (best !== null && best.score >= score) continue
    best = { credential: { certificateChain: candidate.chain, signatureScheme, signer: candidate.key }, score }
  }
  return best?.credential ?? null
}

let publicRoots: TrustAnchors | undefined

/** The roots that come with Node, all classical; parsed when first needed. */
export function publicTrustAnchors(): TrustAnchors {
  publicRoots ??= loadTrustAnchors(rootCertificates)
  return publicRoots
}

function verify(request: VerifyCertificateRequest, options: VerificationOptions): VerifiedPeer['publicKey'] {
  const { context, anchors, identity, checkServerIdentity } = options
  const chain = request.certificateChain
  if (request.certificateType === 'RawPublicKey') {
    options.rawKeys.verify(request)
    return shownKey(request, options)
  }
  if (anchors === null) {
    throw new TrefoilError('ERR_UNKNOWN_CA', `${request.peer} showed a certificate, and there are no trust anchors`)
  }
  const { publicKey } = context.verifiedChains.verify({
    chain,
    anchors,
    time: Date.now(),
    usage: request.peer,
    serverName: checkServerIdentity === undefined ? (identity ?? undefined) : undefined,
    allowedSchemes: context.certificateSignatureSchemes,
    leafSchemes: context.signatureSchemes,
    crypto: context.crypto,
  })
  const refusal = identity === null ? undefined : checkServerIdentity?.(identity, toPeerCertificate(chain, true))
  if (refusal !== undefined) {
    throw toTrefoilError(refusal, 'ERR_CERTIFICATE_NAME_MISMATCH', `server's certificate was refused by the caller`)
  }
  return publicKey
}

/** The key that CertificateVerify is to be made with, whoever it belongs to. */
function shownKey(request: VerifyCertificateRequest, options: VerificationOptions): VerifiedPeer['publicKey'] {
  const { crypto } = options.context
  if (request.certificateType === 'X509') {
    return certificateKey(parseCertificate(request.certificateChain[0] as Uint8Array), crypto)
  }
  const { algorithm, publicKey } = options.rawKeys.parse(request.certificateChain)
  return crypto.verifyingKey(algorithm, publicKey)
}

function verdict(authorizationError: TrefoilError | null): PeerVerdict {
  return { authorizationError }
}

function pickScheme(
  request: SelectCertificateRequest,
  candidate: LoadedCredential,
  preference: readonly SignatureSchemeName[],
): SignatureSchemeName | undefined {
  const possible = candidate.schemes.filter((scheme) => request.signatureSchemes.includes(scheme))
  return preference.find((scheme) => possible.includes(scheme)) ?? possible[0]
}

function isNamed(leaf: Certificate, serverName: string | null): boolean {
  if (serverName === null || isIP(serverName) !== 0) return false
  const host = serverName.toLowerCase()
  return leaf.extensions.subjectAltNames.some((name) => name.kind === 'dns' && matchesDnsName(name.value, host))
}

function isReadable(candidate: LoadedCredential, request: SelectCertificateRequest): boolean {
  return candidate.chainSchemes.every((names) =>
    names.some((name) => request.certificateSignatureSchemes.includes(name)),
  )
}
