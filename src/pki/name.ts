/** Distinguished names (RFC 5280 4.1.2.4): the raw octets for comparison, and a line for people. */
import { toHex, utf8 } from '../bytes.js'
import { type DerElement, DerError, DerReader, readAscii, readObjectIdentifier, readUtf8, TAG } from './der.js'

export interface DistinguishedName {
  /** The encoding as it stands in the certificate; names are compared by it. */
  readonly der: Uint8Array
  /** For instance `O=IETF, CN=LAMPS WG`, in the order of the encoding, escaped as RFC 4514 2.4 says. */
  readonly text: string
  readonly attributes: readonly NameAttribute[]
}

export interface NameAttribute {
  /** `CN`, `O` and so on where there is a short name, else the dotted object identifier. */
  readonly type: string
  readonly value: string
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
}

/** @throws DerError */
export function readName(encoding: Uint8Array): DistinguishedName {
  const attributes: NameAttribute[] = []
  const relativeNames: string[] = []
  const sequence = new DerReader(encoding).inside()
  while (!sequence.atEnd) {
    const set = sequence.inside(TAG.SET)
    const parts: string[] = []
    // RFC 5280 4.1.2.4: RelativeDistinguishedName ::= SET SIZE (1..MAX)
    do {
      const attribute = readAttribute(set.inside())
      attributes.push(attribute)
      parts.push(`${attribute.type}=${escapeValue(attribute.value)}`)
    } while (!set.atEnd)
    relativeNames.push(parts.join('+'))
  }
  return { der: encoding, text: relativeNames.join(', '), attributes }
}

function readAttribute(reader: DerReader): NameAttribute {
  const type = readObjectIdentifier(reader.content(TAG.OBJECT_IDENTIFIER))
  const value = readDirectoryString(reader.element())
  reader.end()
  return { type: SHORT_NAMES[type] ?? type, value }
}

function readDirectoryString({ tag, content, encoding }: DerElement): string {
  switch (tag) {
    case TAG.UTF8_STRING:
      return readUtf8(content)
    case TAG.PRINTABLE_STRING:
    case TAG.IA5_STRING:
      return readAscii(content)
    case TAG.TELETEX_STRING:
      return Array.from(content, (octet) => String.fromCharCode(octet)).join('')
    case TAG.BMP_STRING:
      return readFixedWidth(content, 2)
    case TAG.UNIVERSAL_STRING:
      return readFixedWidth(content, 4)
    default:
      return `#${toHex(encoding)}`
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

function escapeValue(value: string): string {
  return value
    .replace(/[\\",+<>;=]/g, '\\$&')
    .replace(/^[ #]| $/g, '\\$&')
    .replace(/[\p{Cc}\p{Cf}]/gu, (invisible) => toHex(utf8(invisible)).replace(/../g, '\\$&'))
}

const BRIEF_LENGTH = 200

/** For messages: a peer chooses its names, and must not fill a log with them. */
export function brief(text: string): string {
  return text.length <= BRIEF_LENGTH ? text : `${text.slice(0, BRIEF_LENGTH)}…`
}
