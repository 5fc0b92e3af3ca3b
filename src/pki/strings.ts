/** The strings inside ASN.1 elements, read strictly: the ASN.1 library replaces what it cannot read. */
import type { BitString } from '@peculiar/asn1-schema'
import { fromUtf8 } from '../bytes.js'
import type { Element } from './asn1Types.js'
import { DerError } from './strictAsn1.js'

const UTF8_STRING = 0x0c
const PRINTABLE_STRING = 0x13
const TELETEX_STRING = 0x14
const IA5_STRING = 0x16
const UNIVERSAL_STRING = 0x1c
const BMP_STRING = 0x1e

/**
 * The text of a DirectoryString or an IA5String (RFC 5280 appendix A), null for any other element.
 * @throws DerError when the octets are no such string
 */
export function readString({ tag, content }: Element): string | null {
  switch (tag) {
    case UTF8_STRING:
      return readUtf8(content)
    case PRINTABLE_STRING:
    case IA5_STRING:
      return readAscii(content)
    case TELETEX_STRING:
      return Array.from(content, (octet) => String.fromCharCode(octet)).join('')
    case BMP_STRING:
      return readFixedWidth(content, 2)
    case UNIVERSAL_STRING:
      return readFixedWidth(content, 4)
    default:
      return null
  }
}

/** Text of visible ASCII characters and spaces. */
export function readAscii(content: Uint8Array): string {
  for (const octet of content) if (octet < 0x20 || octet > 0x7e) throw new DerError('a string is not visible ASCII')
  return fromUtf8(content)
}

/** The octets of a BIT STRING that is a whole number of octets. */
export function wholeOctets({ unusedBits, value }: BitString): Uint8Array {
  if (unusedBits !== 0) throw new DerError('a BIT STRING is not a whole number of octets')
  return new Uint8Array(value)
}

function readUtf8(content: Uint8Array): string {
  try {
    return fromUtf8(content)
  } catch {
    throw new DerError('a string is not UTF-8')
  }
}

function readFixedWidth(content: Uint8Array, width: 2 | 4): string {
  if (content.length % width !== 0) throw new DerError('a string ends within a character')
  let text = ''
  for (let i = 0; i < content.length; i += width) {
    const point = content.subarray(i, i + width).reduce((value, octet) => value * 256 + octet, 0)
    if (point > 0x10ffff) throw new DerError('a string has a character that does not exist')
    text += String.fromCodePoint(point)
  }
  return text
}
