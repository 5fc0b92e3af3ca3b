/** Hex as `bytes.ts` has it, by Node's own Buffer: a file is some megabytes of it. */

/** @throws SyntaxError on an odd length or another character */
export function fromHex(text: string): Uint8Array {
  const octets = Buffer.from(text, 'hex')
  // Buffer stops at what it cannot read, and says nothing.
  if (2 * octets.length !== text.length) throw new SyntaxError('not a string of hex octets')
  return new Uint8Array(octets)
}

export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex')
}
