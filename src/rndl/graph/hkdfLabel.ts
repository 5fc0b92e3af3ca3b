/** HKDF-Expand-Label as it looks from inside HMAC (RFC 9846 7.1, RFC 5869 2.3): T(n-1) ‖ HkdfLabel ‖ n. */
import { hashLength } from '../../crypto/cipherSuites.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import type { Hex } from '../trace/trace.js'

export interface ExpandedLabel {
  /** Without `tls13 `. */
  readonly label: string
  readonly context: Hex
  /** The block before, in the second block of a long output and after. */
  readonly previous: Hex
}

const PREFIX = 'tls13 '

/** What an HMAC of HKDF-Expand-Label was computed over, or null for any other data. */
export function readExpandedLabel(data: Hex, hash: HashAlgorithm): ExpandedLabel | null {
  const octets = Buffer.from(data, 'hex')
  return readAt(octets, 0) ?? readAt(octets, hashLength(hash))
}

function readAt(data: Buffer, start: number): ExpandedLabel | null {
  const labelStart = start + 3
  const labelEnd = labelStart + (data[labelStart - 1] ?? 0)
  const contextStart = labelEnd + 1
  const contextEnd = contextStart + (data[contextStart - 1] ?? 0)
  const counter = data[contextEnd] ?? 0
  // RFC 5869 2.3: only the first block has none before it.
  const wellFormed = data.length === contextEnd + 1 && (start === 0 ? counter === 1 : counter > 1)
  const label = data.toString('latin1', labelStart, labelEnd)
  if (!wellFormed || !label.startsWith(PREFIX)) return null
  return {
    label: label.slice(PREFIX.length),
    context: data.toString('hex', contextStart, contextEnd),
    previous: data.toString('hex', 0, start),
  }
}
