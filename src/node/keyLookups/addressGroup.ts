/** Which remote addresses are taken for one and the same party. */
import { isIPv6 } from 'node:net'

/**
 * An IPv4 address as it is, also where it comes mapped into IPv6 (RFC 4291 2.5.5.2); of an IPv6 address the first 64
 * bits, since whoever has one address of a /64 has them all (RFC 6177); anything else (a Unix socket has none) as it is.
 */
export function addressGroup(address: string): string {
  const bare = address.replace(/%.*$/, '')
  if (!isIPv6(bare)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)
  if (mapped !== null) return mapped[1] as string
  const [head = '', tail] = bare.split('::')
  const front = words(head)
  const back = tail === undefined ? [] : words(tail)
  const zeros = Math.max(0, 8 - front.length - back.length)
  const all = [...front, ...Array.from({ length: zeros }, () => 0), ...back]
  if (all.slice(0, 5).every((word) => word === 0) && all[5] === 0xffff) return dotted(all[6] ?? 0, all[7] ?? 0)
  return `${all
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(':')}::/64`
}

function words(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap((word) => {
    if (!word.includes('.')) return [Number.parseInt(word, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

function dotted(high: number, low: number): string {
  return [high >>> 8, high & 0xff, low >>> 8, low & 0xff].join('.')
}
