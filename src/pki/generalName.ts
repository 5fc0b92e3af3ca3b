/** GeneralName (RFC 5280 4.2.1.6): the names in subjectAltName and the bases in nameConstraints. */
import type { Element } from './asn1Types.js'
import { Name } from './certificateTypes.js'
import { formatIp } from './ip.js'
import { type DistinguishedName, readName } from './name.js'
import { DerError, readValue } from './strictAsn1.js'
import { readAscii } from './strings.js'

export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  /** 4 or 16 octets; in nameConstraints twice as many, address and mask. */
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  /** A form that Trefoil neither matches nor constrains; `tag` is its octet in the encoding. */
  | { readonly kind: 'other'; readonly tag: number }

/** `[number]` of the context class, primitive or constructed. */
const contextTag = (number: number): number => 0x80 | number
const constructedTag = (number: number): number => 0xa0 | number

/** The forms of RFC 5280 4.2.1.6 that are recognised but not looked into: otherName, x400Address and so on. */
const OTHER_TAGS = new Set([constructedTag(0), constructedTag(3), constructedTag(5), contextTag(8)])

/** @throws DerError */
export function readGeneralName({ tag, content }: Element): GeneralName {
  switch (tag) {
    case contextTag(1):
      return { kind: 'email', value: readAscii(content) }
    case contextTag(2):
      return { kind: 'dns', value: readAscii(content) }
    case contextTag(6):
      return { kind: 'uri', value: readAscii(content) }
    case contextTag(7):
      return { kind: 'ip', address: content }
    case constructedTag(4):
      // Explicit, since Name is a CHOICE (X.680 31.2.7).
      return { kind: 'directory', name: readName(readValue(content, Name), content) }
    default:
      if (OTHER_TAGS.has(tag)) return { kind: 'other', tag }
      throw new DerError('a name has a form that does not exist')
  }
}

/** Like node:tls: `DNS:localhost`, `IP Address:127.0.0.1`, `URI:…`, `email:…`; IPv6 in its short form (RFC 5952). */
export function formatGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `DNS:${name.value}`
    case 'email':
      return `email:${name.value}`
    case 'uri':
      return `URI:${name.value}`
    case 'ip':
      return `IP Address:${formatIp(name.address)}`
    case 'directory':
      return `DirName:${name.name.text}`
    default:
      return `other name (form ${name.tag & 0x1f})`
  }
}
