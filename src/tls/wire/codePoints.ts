/** Numbers of the TLS registries that the core speaks (RFC 9846 appendix B and IANA "TLS ExtensionType Values"). */

export const VERSION_SSL3 = 0x0300
export const VERSION_TLS12 = 0x0303
export const VERSION_TLS13 = 0x0304

export const ContentType = {
  change_cipher_spec: 20,
  alert: 21,
  handshake: 22,
  application_data: 23,
} as const

export const HandshakeType = {
  client_hello: 1,
  server_hello: 2,
  new_session_ticket: 4,
  end_of_early_data: 5,
  encrypted_extensions: 8,
  certificate: 11,
  certificate_request: 13,
  certificate_verify: 15,
  finished: 20,
  key_update: 24,
  message_hash: 254,
} as const

export type HandshakeTypeName = keyof typeof HandshakeType

const HANDSHAKE_NAMES = new Map<number, HandshakeTypeName>(
  (Object.entries(HandshakeType) as [HandshakeTypeName, number][]).map(([name, code]) => [code, name]),
)

export function handshakeTypeName(code: number): HandshakeTypeName | undefined {
  return HANDSHAKE_NAMES.get(code)
}

export const ExtensionType = {
  server_name: 0,
  max_fragment_length: 1,
  status_request: 5,
  supported_groups: 10,
  signature_algorithms: 13,
  application_layer_protocol_negotiation: 16,
  signed_certificate_timestamp: 18,
  client_certificate_type: 19,
  server_certificate_type: 20,
  padding: 21,
  compress_certificate: 27,
  record_size_limit: 28,
  tls_cert_with_extern_psk: 33,
  pre_shared_key: 41,
  early_data: 42,
  supported_versions: 43,
  cookie: 44,
  psk_key_exchange_modes: 45,
  certificate_authorities: 47,
  oid_filters: 48,
  post_handshake_auth: 49,
  signature_algorithms_cert: 50,
  key_share: 51,
} as const

export type ExtensionName = keyof typeof ExtensionType

/** PskKeyExchangeMode (RFC 9846 4.3.9). */
export const PskKeyExchangeMode = { psk_ke: 0, psk_dhe_ke: 1 } as const

/** Reserved values 0x0A0A, 0x1A1A, … that a receiver must ignore like any unknown one (RFC 8701). */
export function greaseValue(octet: number): number {
  const half = (octet & 0xf0) | 0x0a
  return (half << 8) | half
}
