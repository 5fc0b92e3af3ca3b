/** Alert descriptions of TLS 1.3 by their IANA names (RFC 9846 section 6). */
export const ALERTS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  general_error: 117,
  no_application_protocol: 120,
} as const

export type AlertName = keyof typeof ALERTS

const NAMES = new Map<number, AlertName>(
  (Object.entries(ALERTS) as [AlertName, number][]).map(([name, code]) => [code, name]),
)

/** The name of an alert description, or its number when TLS 1.3 has no name for it. */
export function alertName(description: number): AlertName | number {
  return NAMES.get(description) ?? description
}
