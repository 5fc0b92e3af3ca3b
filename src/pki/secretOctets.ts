/** Octets of private keys, taken out of the ASN.1 library. */
import type { OctetString } from '@peculiar/asn1-schema'
import { wipe } from '../bytes.js'
import { DerError } from './strictAsn1.js'

/** The library's own copy, which can be kept or wiped. */
export function octetsOf(string: OctetString): Uint8Array {
  return new Uint8Array(string.buffer)
}

/** The same octets; wiped when there are too few or too many of them. @throws DerError */
export function ofLength(octets: Uint8Array, length: number): Uint8Array {
  if (octets.length === length) return octets
  wipe(octets)
  throw new DerError(`it has ${octets.length} octets of key, not ${length}`)
}
