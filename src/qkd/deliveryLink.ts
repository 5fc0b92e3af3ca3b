/**
 * The way a key takes from its key manager to us. Whoever records a TLS link and later breaks its key exchange has every
 * key that crossed it, so the exchange is looked at, not assumed.
 */
import type { TLSSocket } from 'node:tls'
import type { DeliveryLink } from './keySource.js'

/** The key was made in this process or handed to it in memory: there is nothing to record. */
export const MEMORY_LINK: DeliveryLink = Object.freeze({
  kind: 'memory',
  protocol: null,
  group: null,
  postQuantum: true,
})

/** Groups with ML-KEM in them, by their IANA names in lower case (RFC 10024; draft-ietf-tls-mlkem). */
const POST_QUANTUM_GROUPS: ReadonlySet<string> = new Set([
  'x25519mlkem768',
  'secp256r1mlkem768',
  'secp384r1mlkem1024',
  'mlkem512',
  'mlkem768',
  'mlkem1024',
])

/** What a TLS socket negotiated; to be asked once it is secure. Sessions must not be resumed, or the answer is of old. */
export function tlsDeliveryLink(socket: TLSSocket): DeliveryLink {
  const protocol = socket.getProtocol()
  const group = groupOf(socket)
  return Object.freeze({
    kind: 'tls',
    protocol,
    group,
    // The ML-KEM groups are for TLS 1.3 alone.
    postQuantum: protocol === 'TLSv1.3' && group !== null && POST_QUANTUM_GROUPS.has(group.toLowerCase()),
  })
}

/** OpenSSL 3.5 answers `{ type: 'TLSGroup', name }` for hybrids, `ECDH` or `DH` for others; nothing for RSA key transport. */
function groupOf(socket: TLSSocket): string | null {
  const info = socket.getEphemeralKeyInfo() as { name?: unknown; type?: unknown } | null
  if (typeof info?.name === 'string') return info.name
  return typeof info?.type === 'string' ? info.type : null
}
