/** Distinguished names (RFC 5280 4.1.2.4): the raw octets for comparison, and a line for people. */
import { toHex, utf8 } from '../bytes.js'
import type { AttributeTypeAndValue, Name } from './certificateTypes.js'
import { DerError } from './strictAsn1.js'
import { readString } from './strings.js'

export interface DistinguishedName {
  /** The encoding as it stands in the certificate; names are compared by it. */
  readonly der: Uint8Array
  /** For instance `O=IETF, CN=LAMPS WG`, in the order of the encoding, escaped as RFC 4514 2.4 says. */
  readonly text: string
  /** All of them, in the order of the encoding. */
  readonly attributes: readonly NameAttribute[]
  /** The same by relative name: nearly always one attribute each. */
  readonly relativeNames: readonly (readonly NameAttribute[])[]
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

/**
 * @param encoding the octets that `name` was read from
 * @throws DerError when a string is not what its type says
 */
export function readName(name: Name, encoding: Uint8Array): DistinguishedName {
  const relativeNames = Array.from(name, (relativeName) => {
    // RFC 5280 4.1.2.4: RelativeDistinguishedName ::= SET SIZE (1..MAX)
    if (relativeName.length === 0) throw new DerError('a part of a name is empty')
    return Array.from(relativeName, readAttribute)
  })
  const write = (parts: readonly NameAttribute[]) =>
    parts.map(({ type, value }) => `${type}=${escapeValue(value)}`).join('+')
  return { der: encoding, text: relativeNames.map(write).join(', '), attributes: relativeNames.flat(), relativeNames }
}

/**
 * Whether `name` is `base` or stands below it (RFC 5280 4.2.1.10 for directoryName): it begins with the same relative
 * names. Strings count as the same whatever type they are encoded in, in any case and with any spacing (RFC 5280 7.1):
 * an authority that is kept from a name must not reach it by writing it otherwise.
 */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  return base.relativeNames.every((parts, index) => {
    const own = name.relativeNames[index]
    return own !== undefined && comparable(own) === comparable(parts)
  })
}

function comparable(parts: readonly NameAttribute[]): string {
  const fold = (value: string) => value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
  return JSON.stringify(parts.map(({ type, value }) => `${type}=${fold(value)}`).sort())
}

function readAttribute({ type: { text }, value }: AttributeTypeAndValue): NameAttribute {
  return { type: SHORT_NAMES[text] ?? text, value: readString(value) ?? `#${toHex(value.encoding)}` }
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
