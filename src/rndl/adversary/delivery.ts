/** QKD keys in the replies of a key manager, out of a delivery link that was opened (ETSI GS QKD 014 6.3). */

/** Keys by key_ID in whatever HTTP/1.1 replies the octets hold. */
export function keysDelivered(serverOctets: Buffer): Map<string, Buffer> {
  const keys = new Map<string, Buffer>()
  // Chunk sizes and headers stand between the bodies: each JSON object is found by its own braces.
  for (const [, object] of serverOctets.toString('utf8').matchAll(/(\{[^{}]*"key_ID"[^{}]*\})/g)) {
    const entry = parse(object as string)
    if (typeof entry?.['key_ID'] !== 'string' || typeof entry['key'] !== 'string') continue
    keys.set(entry['key_ID'], Buffer.from(entry['key'], 'base64'))
  }
  return keys
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
