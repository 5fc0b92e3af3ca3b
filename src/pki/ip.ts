/** IP addresses between their text and their 4 or 16 octets (RFC 4291 2.2, RFC 5952 4). */

/** The octets of an IPv4 dotted quad or an IPv6 address without zone and brackets; null for any other text. */
export function parseIp(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** @throws RangeError unless there are 4 or 16 octets */
export function formatIp(address: Uint8Array): string {
  if (address.length === 4) return address.join('.')
  if (address.length === 16) return formatIpv6(address)
  throw new RangeError('an IP address has 4 or 16 octets')
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.')
  // No leading zeros: some programs would read them as octal.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null
  return Uint8Array.from(parts, Number)
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = groups(halves[0] as string, halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1] as string, true) : []
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  // RFC 4291 2.2: "::" stands for at least one group of zeros.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 16-bit groups of one side of "::"; an IPv4 address may stand at the very end. */
function groups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return []
  const values: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null
    if (ipv4 !== null) {
      const [a, b, c, d] = ipv4 as unknown as [number, number, number, number]
      values.push((a << 8) | b, (c << 8) | d)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) values.push(Number.parseInt(part, 16))
    else return null
  }
  return values
}

function formatIpv6(address: Uint8Array): string {
  const values = Array.from({ length: 8 }, (_, i) => ((address[2 * i] as number) << 8) | (address[2 * i + 1] as number))
  let best = { start: 0, length: 0 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (values[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const text = (part: number[]): string => part.map((value) => value.toString(16)).join(':')
  // RFC 5952 4.2.2: a single group of zeros is not shortened.
  if (best.length < 2) return text(values)
  return `${text(values.slice(0, best.start))}::${text(values.slice(best.start + best.length))}`
}
