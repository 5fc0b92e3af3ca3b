/**
 * Every refusal in Trefoil is a {@link TrefoilError}: a code from one closed table, who is to blame, the alert that
 * goes to the peer, and a sentence that says what happened. Throw sites choose a code and a sentence, never an alert:
 * the table below is the one place where RFC 9846 section 6 is turned into behaviour.
 */
import type { AlertName } from './alerts.js'

/** Who did wrong: the peer on the wire, the caller of this library, the key manager, or the transport below us. */
export type Blame = 'peer' | 'local' | 'key-source' | 'transport'

interface ErrorEntry {
  readonly blame: Blame
  /** The alert that tells the peer (RFC 9846 section 6.2), or null when none is sent. */
  readonly alert: AlertName | null
}

const entry = (blame: Blame, alert: AlertName | null): ErrorEntry => ({ blame, alert })

/** The closed list of codes. */
export const ERROR_TABLE = {
  // What arrived cannot be read, or reads but must not be so.
  ERR_DECODE: entry('peer', 'decode_error'),
  ERR_ILLEGAL_PARAMETER: entry('peer', 'illegal_parameter'),
  ERR_UNEXPECTED_MESSAGE: entry('peer', 'unexpected_message'),
  ERR_MISSING_EXTENSION: entry('peer', 'missing_extension'),
  ERR_UNSUPPORTED_EXTENSION: entry('peer', 'unsupported_extension'),
  ERR_RECORD_OVERFLOW: entry('peer', 'record_overflow'),
  ERR_BAD_RECORD_MAC: entry('peer', 'bad_record_mac'),
  ERR_MESSAGE_TOO_LARGE: entry('peer', 'illegal_parameter'),
  ERR_PROTOCOL_VERSION: entry('peer', 'protocol_version'),
  ERR_BAD_KEY_SHARE: entry('peer', 'illegal_parameter'),
  // Negotiation found nothing in common.
  ERR_NO_COMMON_CIPHER_SUITE: entry('peer', 'handshake_failure'),
  ERR_NO_COMMON_GROUP: entry('peer', 'handshake_failure'),
  ERR_NO_COMMON_SIGNATURE_SCHEME: entry('peer', 'handshake_failure'),
  ERR_NO_APPLICATION_PROTOCOL: entry('peer', 'no_application_protocol'),
  ERR_UNRECOGNIZED_NAME: entry('peer', 'unrecognized_name'),
  // Authentication failed.
  ERR_BAD_BINDER: entry('peer', 'decrypt_error'),
  ERR_BAD_BINDER_WITH_CERTIFICATE: entry('peer', 'illegal_parameter'),
  ERR_BAD_FINISHED: entry('peer', 'decrypt_error'),
  ERR_BAD_CERTIFICATE_VERIFY: entry('peer', 'decrypt_error'),
  ERR_UNKNOWN_PSK_IDENTITY: entry('peer', 'decrypt_error'),
  ERR_CERTIFICATE_REQUIRED: entry('peer', 'certificate_required'),
  ERR_BAD_CERTIFICATE: entry('peer', 'bad_certificate'),
  ERR_CERTIFICATE_CHAIN_TOO_LONG: entry('peer', 'bad_certificate'),
  ERR_UNSUPPORTED_CERTIFICATE: entry('peer', 'unsupported_certificate'),
  ERR_CERTIFICATE_EXPIRED: entry('peer', 'certificate_expired'),
  ERR_CERTIFICATE_NOT_YET_VALID: entry('peer', 'certificate_expired'),
  ERR_CERTIFICATE_NAME_MISMATCH: entry('peer', 'bad_certificate'),
  ERR_CERTIFICATE_SIGNATURE: entry('peer', 'bad_certificate'),
  ERR_UNKNOWN_CA: entry('peer', 'unknown_ca'),
  ERR_UNTRUSTED_KEY: entry('peer', 'certificate_unknown'),
  ERR_PEER_REFUSED_BY_CALLER: entry('peer', 'access_denied'),
  // The session would be weaker than the policy asks.
  ERR_POLICY_QKD_REQUIRED: entry('peer', 'insufficient_security'),
  ERR_POLICY_PSK_REQUIRED: entry('peer', 'insufficient_security'),
  ERR_POLICY_PSK_NOT_MIXED: entry('peer', 'handshake_failure'),
  ERR_POLICY_CERTIFICATE_MISSING: entry('peer', 'handshake_failure'),
  // The peer ended it.
  ERR_ALERT_RECEIVED: entry('peer', null),
  ERR_TRUNCATED: entry('transport', null),
  ERR_TRANSPORT: entry('transport', null),
  ERR_HANDSHAKE_TIMEOUT: entry('transport', 'user_canceled'),
  ERR_ABORTED: entry('local', 'user_canceled'),
  // A tunnel cannot carry on.
  ERR_TARGET_UNREACHABLE: entry('transport', 'internal_error'),
  ERR_IDLE_TIMEOUT: entry('transport', null),
  // A server protects itself.
  ERR_TOO_MANY_HANDSHAKES: entry('local', 'internal_error'),
  ERR_TOO_MANY_KEY_LOOKUPS: entry('local', 'internal_error'),
  ERR_TOO_MANY_CONNECTIONS: entry('local', 'internal_error'),
  ERR_TOO_MANY_KEY_UPDATES: entry('peer', 'unexpected_message'),
  // The key source failed us.
  ERR_QKD_UNREACHABLE: entry('key-source', 'internal_error'),
  ERR_QKD_TIMEOUT: entry('key-source', 'internal_error'),
  ERR_QKD_EXHAUSTED: entry('key-source', 'internal_error'),
  ERR_QKD_QUOTA: entry('key-source', 'internal_error'),
  ERR_QKD_DELIVERY_LINK: entry('key-source', 'internal_error'),
  ERR_QKD_UNAUTHORIZED: entry('key-source', 'internal_error'),
  ERR_QKD_REFUSED: entry('key-source', 'internal_error'),
  ERR_QKD_BAD_REPLY: entry('key-source', 'internal_error'),
  ERR_QKD_KEY_LENGTH: entry('key-source', 'internal_error'),
  ERR_QKD_KEY_NOT_FOUND: entry('key-source', 'decrypt_error'),
  // We, or our caller, did wrong.
  ERR_INVALID_OPTION: entry('local', 'internal_error'),
  ERR_INVALID_STATE: entry('local', 'internal_error'),
  ERR_INVALID_KEY: entry('local', 'internal_error'),
  ERR_UNSUPPORTED_ALGORITHM: entry('local', 'internal_error'),
  ERR_SIGNER: entry('local', 'internal_error'),
  ERR_PSK_LOOKUP: entry('local', 'internal_error'),
  ERR_SESSION_STORE: entry('local', 'internal_error'),
  ERR_KEY_EXHAUSTED: entry('local', 'internal_error'),
  ERR_INTERNAL: entry('local', 'internal_error'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERROR_TABLE

export interface TrefoilErrorOptions {
  /** The failure underneath, if any. Must not carry a secret. */
  readonly cause?: unknown
  /** The alert the peer sent us; only for ERR_ALERT_RECEIVED. */
  readonly receivedAlert?: AlertName | number
}

/** The one error class of the library. `message` is a lower-case sentence that says who did what. */
export class TrefoilError extends Error {
  override readonly name = 'TrefoilError'
  readonly code: ErrorCode
  readonly blame: Blame
  /** The alert received from the peer, where the peer ended the connection with one; its number if it is unknown. */
  readonly receivedAlert: AlertName | number | null

  constructor(code: ErrorCode, message: string, options: TrefoilErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.blame = ERROR_TABLE[code].blame
    this.receivedAlert = options.receivedAlert ?? null
  }

  /** The alert sent to the peer because of this error, or the one received from it; null when there was neither. */
  get alert(): AlertName | number | null {
    return this.receivedAlert ?? alertFor(this.code)
  }
}

/** The total function from error to alert (RFC 9846 section 6.2). */
export function alertFor(code: ErrorCode): AlertName | null {
  return ERROR_TABLE[code].alert
}

/** Turns anything thrown into a TrefoilError; what is not one already is a defect of ours or of a callback. */
export function toTrefoilError(thrown: unknown, code: ErrorCode = 'ERR_INTERNAL', message?: string): TrefoilError {
  if (thrown instanceof TrefoilError) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return new TrefoilError(code, message ?? `unexpected failure: ${text}`, { cause: thrown })
}
