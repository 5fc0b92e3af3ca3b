// Octets by name: every secret and every nonce of the published vectors is made here, so that anybody can make them again.
import { createHash } from 'node:crypto'

/** SHA-256 of "trefoil vectors: NAME: COUNTER" for the counters 0, 1, …, cut to the length; in hex. */
export function seeded(name, length) {
  let hex = ''
  for (let counter = 0; hex.length < 2 * length; counter++) {
    hex += createHash('sha256').update(`trefoil vectors: ${name}: ${counter}`).digest('hex')
  }
  return hex.slice(0, 2 * length)
}

export function seededNumber(name) {
  return Number.parseInt(seeded(name, 4), 16)
}

/** In the form of a UUID, version 4, as most key managers spell their key_IDs. */
export function seededKeyId(name) {
  const hex = seeded(name, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-')
}
