/** Whether to believe the peer's certificates, and the trust anchors that come with Node. */
import { type PeerCertificate, rootCertificates } from 'node:tls'
import { TrefoilError, toTrefoilError } from '../errors.js'
import { certificateKey, loadTrustAnchors, parseCertificate, type TrustAnchors } from '../pki/index.js'
import type { VerifiedPeer, VerifyCertificateRequest } from '../tls/index.js'
import { toPeerCertificate } from './peerCertificate.js'
import type { RawKeyVerifier } from './rawKeys/verifyRawKey.js'
import type { SecureContext } from './secureContext.js'

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
  const refusal = identity === null ? null : checkServerIdentity?.(identity, toPeerCertificate(chain, true))
  // The documentation of node:tls accepts a server with null.
  if (refusal !== undefined && refusal !== null) {
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
