/** Certificate and CertificateVerify, sent and received alike by both roles (RFC 9846 section 4.5). */
import { SIGNATURE_SCHEMES, type SignatureSchemeName, schemeByCodePoint } from '../../crypto/signatureSchemes.js'
import { TrefoilError } from '../../errors.js'
import type { CommonConfig } from '../config.js'
import type { CertificateType } from '../extensions/certificateType.js'
import { checkExtensions } from '../extensions/extension.js'
import { decodeCertificate, encodeCertificate } from '../messages/certificate.js'
import {
  certificateVerifyInput,
  decodeCertificateVerify,
  encodeCertificateVerify,
} from '../messages/certificateVerify.js'
import { ask, type Credential, type Task } from '../requests.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import type { Environment, LocalAuthentication, PeerAuthentication, PeerCertificate } from './environment.js'

/** Code points for signature_algorithms. */
export function schemeCodePoints(schemes: readonly SignatureSchemeName[]): number[] {
  return schemes.map((scheme) => SIGNATURE_SCHEMES[scheme].codePoint)
}

/** The schemes we know in a peer's list, in its order; for CertificateVerify without those it does not allow. */
export function knownSchemes(codePoints: readonly number[], inHandshake: boolean): SignatureSchemeName[] {
  return codePoints
    .map(schemeByCodePoint)
    .filter((scheme) => scheme !== undefined)
    .filter((scheme) => !inHandshake || SIGNATURE_SCHEMES[scheme].inHandshake)
}

/** Sends our chain, or our raw public key, and proves possession of its key. */
export function* sendCertificate(
  env: Environment<CommonConfig>,
  role: 'client' | 'server',
  type: CertificateType,
  credential: Credential,
): Task<LocalAuthentication> {
  const { certificateChain, signatureScheme } = credential
  if (type === 'RawPublicKey' && certificateChain.length !== 1) {
    throw new TrefoilError('ERR_INTERNAL', 'the driver selected something else than one raw public key')
  }
  env.channel.send(encodeCertificate(certificateChain), env.transcript)
  const message = certificateVerifyInput(role, env.transcript.digest())
  const signature = yield* ask<'sign'>({ type: 'sign', credential, message })
  const algorithm = SIGNATURE_SCHEMES[signatureScheme].codePoint
  env.channel.send(encodeCertificateVerify({ algorithm, signature }), env.transcript)
  return { type, chain: certificateChain, scheme: signatureScheme }
}

/** Reads a Certificate and has its chain, or its raw public key, verified. Null: the peer has no certificate (only clients may). */
export function* receiveCertificate(
  env: Environment<CommonConfig>,
  peer: 'client' | 'server',
  type: CertificateType,
  serverName: string | null,
  message: HandshakeMessage,
): Task<PeerCertificate | null> {
  const { context, entries } = decodeCertificate(message.body)
  // RFC 9846 4.5.2: empty in the main handshake; in answer to a request it echoes the request's, which was empty.
  if (context.length > 0) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'peer sent a certificate_request_context in the main handshake')
  }
  // RFC 9846 4.5.2: it reads well, so it is not a decode_error.
  if (type === 'RawPublicKey' && entries.length > 1) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `peer sent ${entries.length} raw public keys in place of one`)
  }
  if (entries.length > env.limits.chainLength) {
    const limit = env.limits.chainLength
    throw new TrefoilError(
      'ERR_CERTIFICATE_CHAIN_TOO_LONG',
      `peer sent ${entries.length} certificates; at most ${limit}`,
    )
  }
  // We ask for nothing that is answered in a certificate entry (stapled status, timestamps).
  for (const { extensions } of entries) checkExtensions(extensions, 'CT', new Set())
  env.transcript.add(message.bytes)
  if (entries.length === 0) return null
  const chain = entries.map(({ certificate }) => certificate)
  const certificateSignatureSchemes = env.config.certificateSignatureSchemes ?? env.config.signatureSchemes
  const verified = yield* ask<'verifyCertificate'>({
    type: 'verifyCertificate',
    peer,
    certificateType: type,
    certificateChain: chain,
    serverName,
    certificateSignatureSchemes,
  })
  return { type, chain, publicKey: verified.publicKey, source: verified.source }
}

/** Checks the peer's proof of possession (RFC 9846 4.5.3). */
export function receiveCertificateVerify(
  env: Environment<CommonConfig>,
  peer: 'client' | 'server',
  certificate: PeerCertificate,
  message: HandshakeMessage,
): PeerAuthentication {
  const { algorithm, signature } = decodeCertificateVerify(message.body)
  const scheme = schemeByCodePoint(algorithm)
  if (scheme === undefined || !env.config.signatureSchemes.includes(scheme) || !SIGNATURE_SCHEMES[scheme].inHandshake) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `peer signed with scheme ${algorithm}, which was not offered`)
  }
  if (SIGNATURE_SCHEMES[scheme].key !== certificate.publicKey.algorithm) {
    const held = certificate.publicKey.algorithm
    throw new TrefoilError(
      'ERR_ILLEGAL_PARAMETER',
      `peer signed with ${scheme}, but its ${certificate.type === 'X509' ? 'certificate holds' : 'raw public key is'} a ${held} key`,
    )
  }
  const input = certificateVerifyInput(peer, env.transcript.digest())
  if (!certificate.publicKey.verify(scheme, input, signature)) {
    throw new TrefoilError(
      'ERR_BAD_CERTIFICATE_VERIFY',
      `peer sent a CertificateVerify that does not verify (${scheme})`,
    )
  }
  env.transcript.add(message.bytes)
  return { type: certificate.type, chain: certificate.chain, scheme, source: certificate.source }
}
