/** Which of our certificates to show: the one most likely to be believed. */
import { isIP } from 'node:net'
import { equalBytes } from '../bytes.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { type Certificate, matchesDnsName } from '../pki/index.js'
import { parseIp } from '../pki/ip.js'
import type { Credential, SelectCertificateRequest } from '../tls/index.js'
import type { LoadedCredential } from './credentials.js'
import { boundTo } from './keyOption.js'
import { selectRawKey } from './rawKeys/ownKeys.js'
import type { SecureContext } from './secureContext.js'

export interface SelectionOptions {
  /** The address that the client has reached us at, where there is one. */
  readonly localAddress?: string | undefined
  /** For the signer: aborted when the connection is given up. */
  readonly signal: AbortSignal
}

/** The part of a context that this is about. */
export type OwnKeys = Pick<SecureContext, 'credentials' | 'rawKeys' | 'signatureSchemes'>

/**
 * Only those whose key makes a signature that the peer verifies are looked at. Among them, in this order of weight:
 *
 * 1. on a server, one for the name asked for: exactly before by wildcard. A client that sends no name has been given an
 *    address, or asks for whatever there is: then one for the address that it reached us at;
 * 2. one whose chain uses only signatures that the peer takes in certificates (RFC 9846 4.5.2: else any will do);
 * 3. one of an authority that the peer named (RFC 9846 4.3.4: a guide, since such lists may lack what lies between);
 * 4. ML-DSA before classical signatures;
 * 5. the one that was given first.
 *
 * A raw public key, where that was negotiated (RFC 7250), is the first that fits. Null when the peer verifies none of them.
 */
export function selectCertificate(
  request: SelectCertificateRequest,
  { credentials, rawKeys, signatureSchemes: preference }: OwnKeys,
  { localAddress, signal }: SelectionOptions,
): Credential | null {
  if (request.certificateType === 'RawPublicKey') return selectRawKey(request, rawKeys, { preference, signal })
  let best: { candidate: LoadedCredential; scheme: SignatureSchemeName; score: number } | null = null
  for (const candidate of credentials) {
    const scheme = pickScheme(request, candidate, preference)
    if (scheme === undefined) continue
    const score =
      8 * nameMatch(candidate.leaf, request, localAddress) +
      4 * Number(isReadable(candidate, request)) +
      2 * Number(hasNamedAuthority(candidate, request)) +
      Number(!SIGNATURE_SCHEMES[scheme].classical)
    if (best === null || score > best.score) best = { candidate, scheme, score }
  }
  if (best === null) return null
  const { candidate, scheme } = best
  return {
    certificateChain: candidate.chain,
    signatureScheme: scheme,
    signer: boundTo(signal, candidate.key),
  }
}

/** The peer's schemes that are ours too, in its order. */
export function commonSchemes(
  { signatureSchemes }: SelectCertificateRequest,
  own: Pick<OwnKeys, 'signatureSchemes'>,
): readonly SignatureSchemeName[] {
  return signatureSchemes.filter((scheme) => own.signatureSchemes.includes(scheme))
}

function pickScheme(
  request: SelectCertificateRequest,
  candidate: LoadedCredential,
  preference: readonly SignatureSchemeName[],
): SignatureSchemeName | undefined {
  const possible = candidate.schemes.filter((scheme) => request.signatureSchemes.includes(scheme))
  return preference.find((scheme) => possible.includes(scheme)) ?? possible[0]
}

/** 2: for exactly that name or address; 1: by a wildcard; 0: not for it, or there is none. */
function nameMatch(leaf: Certificate, request: SelectCertificateRequest, localAddress: string | undefined): 0 | 1 | 2 {
  // The name in a client's request is that of the server.
  const name = request.role === 'client' ? null : (request.serverName ?? localAddress ?? null)
  if (name === null) return 0
  const names = leaf.extensions.subjectAltNames
  if (isIP(name) !== 0) {
    // As an IPv6 socket spells the address of an IPv4 peer.
    const address = parseIp(name.replace(/^::ffff:(?=[\d.]+$)/i, ''))
    return names.some((entry) => entry.kind === 'ip' && address !== null && equalBytes(entry.address, address)) ? 2 : 0
  }
  const host = name.toLowerCase()
  const matching = names.flatMap((entry) => (entry.kind === 'dns' && matchesDnsName(entry.value, host) ? [entry] : []))
  if (matching.length === 0) return 0
  return matching.some(({ value }) => !value.startsWith('*')) ? 2 : 1
}

function isReadable({ chainSchemes }: LoadedCredential, request: SelectCertificateRequest): boolean {
  return chainSchemes.every((names) => names.some((name) => request.certificateSignatureSchemes.includes(name)))
}

function hasNamedAuthority({ authorities }: LoadedCredential, request: SelectCertificateRequest): boolean {
  return authorities.some((own) => request.certificateAuthorities.some((named) => equalBytes(own, named)))
}
