/**
 * What an exchange that brought no reply means. Only codes are taken from the error underneath, never its text or the
 * error itself: undici's parser errors carry the octets they choked on, which may be a key.
 */
import { errors } from 'undici'
import { TrefoilError } from '../../errors.js'

/** Codes of what our own connector finds wrong with a connection. */
export const FAILURE = { kmeId: 'KME_ID_MISMATCH', classicalLink: 'CLASSICAL_LINK' } as const

/** No reply at all. */
export function transportFailure(error: unknown): TrefoilError {
  const code = codeOf(error)
  if (code === FAILURE.classicalLink) {
    return new TrefoilError(
      'ERR_QKD_DELIVERY_LINK',
      `the link to the key manager is not post-quantum: it negotiated ${(error as Error).message}`,
    )
  }
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new TrefoilError('ERR_QKD_BAD_REPLY', 'the key manager answered with something that is not HTTP')
  }
  if (/TIMEOUT$|^ETIMEDOUT$/.test(code)) {
    return new TrefoilError('ERR_QKD_TIMEOUT', 'the key manager did not answer in time')
  }
  if (/ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)) {
    return new TrefoilError('ERR_QKD_UNAUTHORIZED', "the key manager refused this SAE's certificate")
  }
  if (code === FAILURE.kmeId) return untrusted('names another KME')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return untrusted('is for another host')
  if (/SELF_SIGNED|VERIFY|ISSUER|^CERT_|^CRL_|INVALID_CA|INVALID_PURPOSE/.test(code))
    return untrusted(`failed: ${code}`)
  // Node servers end the connection without an alert when they do not know the CA of a client's certificate.
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') {
    return new TrefoilError(
      'ERR_QKD_UNREACHABLE',
      "the key manager closed the connection instead of answering; it may not accept this SAE's certificate",
    )
  }
  return new TrefoilError('ERR_QKD_UNREACHABLE', `the key manager could not be reached (${code})`)
}

/** Whether the network, rather than either end's mind, stood in the way: a moment later it may not. */
export function isPassing(error: unknown): boolean {
  return /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|EAI_AGAIN|ENOTFOUND|UND_ERR_(SOCKET|CONNECT_TIMEOUT))$/.test(
    codeOf(error),
  )
}

/** A reply that began and did not end. */
export function brokenReply(): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', 'the key manager broke off its reply')
}

function untrusted(why: string): TrefoilError {
  return new TrefoilError('ERR_QKD_UNREACHABLE', `no trusted key manager answered: its certificate ${why}`)
}

/** undici wraps some system errors; the code of the innermost says most. */
function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  if (cause instanceof Error && 'code' in cause) return codeOf(cause)
  return typeof code === 'string' ? code : 'no code'
}
