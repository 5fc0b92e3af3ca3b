/** HKDF-Expand-Label as it looks from inside HMAC (RFC 9846 7.1, RFC 5869 2.3): T(n-1) ‖ HkdfLabel ‖ n. */
import type { HashAlgorithm } from '../../crypto/provider.js'

export interface ExpandedLabel {
  /** Without `tls13 `. */
  readonly label: string
  readonly context: Uint8Array
  /** The block before, in the second block of a long output and after. */
  readonly previous: Uint8Array
  readonly length: number
}

const PREFIX = 'tls13 '

/** What an HMAC of HKDF-Expand-Label was computed over, or null for any other data. */
export function readExpandedLabel(data: Uint8Array, hash: HashAlgorithm): ExpandedLabel | null {
  return readAt(data, 0) ?? readAt(data, hash === 'SHA-384' ? 48 : 32)
}

function readAt(data: Uint8Array, start: number): ExpandedLabel | null {
  const labelLength = data[start + 2] ?? 0
  const labelEnd = start + 3 + labelLength
  const contextEnd = labelEnd + 1 + (data[labelEnd] ?? 0)
  const counter = data[contextEnd] ?? 0
  const wellFormed = data.length === contextEnd + 1 && counter >= 1 && (counter === 1) === (start === 0)
  if (!wellFormed || labelLength <= PREFIX.length) return null
  const label = Buffer.from(data.subarray(start + 3, labelEnd)).toString('latin1')
  if (!label.startsWith(PREFIX)) return null
  return {
    label: label.slice(PREFIX.length),
    context: data.subarray(labelEnd + 1, contextEnd),
    previous: data.subarray(0, start),
    length: (data[start] as number) * 256 + (data[start + 1] as number),
  }
}
