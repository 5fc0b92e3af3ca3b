/**
 * Whether a key looks as if somebody had made it up. The binder of a PSK stands on the wire, so whoever records one hello
 * can try keys against it for as long as he likes (RFC 9257 section 4.2); a key must be out of reach of guessing.
 *
 * This finds mistakes, not weakness: a hashed password looks random. Of random keys of 16 octets it takes one in 7.7
 * million for text, of 32 octets one in 6·10^13; its other rules take fewer than one in 10^17.
 */

/** What it looks like, for a warning; null when nothing is wrong with it. */
export function looksGuessable(key: Uint8Array): 'text' | 'repetition' | 'sequence' | 'few values' | null {
  // First the rules that are sure, so that 'aaaa…' is not taken for mere text.
  if (repeats(key)) return 'repetition'
  if (isSequence(key)) return 'sequence'
  if (new Set(key).size <= MAX_FEW) return 'few values'
  return key.every(isPrintable) ? 'text' : null
}

/** Of 16 random octets, 5 or fewer different ones come up once in 10^17. */
const MAX_FEW = 5

/** ASCII from space to tilde: 95 of 256 octets. */
function isPrintable(octet: number): boolean {
  return octet >= 0x20 && octet <= 0x7e
}

/** One block of at most half the length again and again, the last time perhaps cut off. */
function repeats(key: Uint8Array): boolean {
  for (let period = 1; 2 * period <= key.length; period++) {
    let index = period
    while (index < key.length && key[index] === key[index - period]) index++
    if (index === key.length) return true
  }
  return false
}

/** Each octet differs from the one before by the same amount, modulo 256. */
function isSequence(key: Uint8Array): boolean {
  const step = difference(key, 1)
  return key.every((_, index) => index === 0 || difference(key, index) === step)
}

function difference(key: Uint8Array, index: number): number {
  return ((key[index] as number) - (key[index - 1] as number)) & 0xff
}
