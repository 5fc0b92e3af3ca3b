/** Handshake messages in what is about to be sent (RFC 9846 section 4). */
const NAMES = {
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  8: 'EncryptedExtensions',
  11: 'Certificate',
  13: 'CertificateRequest',
  15: 'CertificateVerify',
  20: 'Finished',
} as const

export type MessageName = (typeof NAMES)[keyof typeof NAMES]

/** In the order in which they come. */
export const MESSAGE_NAMES: readonly MessageName[] = [
  'ClientHello',
  'ServerHello',
  'EncryptedExtensions',
  'CertificateRequest',
  'Certificate',
  'CertificateVerify',
  'Finished',
  'NewSessionTicket',
]

/** @throws Error unless `octets` are whole messages: what we send, we do not cut */
export function messagesIn(octets: Uint8Array): { name: MessageName; length: number }[] {
  const found: { name: MessageName; length: number }[] = []
  for (let offset = 0; offset < octets.length; ) {
    const name = NAMES[octets[offset] as keyof typeof NAMES]
    const [, a = 0, b = 0, c = 0] = octets.subarray(offset, offset + 4)
    const length = 4 + a * 65_536 + b * 256 + c
    if (name === undefined || offset + length > octets.length) throw new Error('a record holds no whole messages')
    found.push({ name, length })
    offset += length
  }
  return found
}
