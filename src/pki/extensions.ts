/** The certificate extensions that Trefoil acts on (RFC 5280 4.2.1), each parsed strictly. */
import {
  constructedTag,
  contextTag,
  type DerElement,
  DerError,
  DerReader,
  insideOnly,
  onlyElement,
  readBoolean,
  readNamedBits,
  readObjectIdentifier,
  readSmallInteger,
  TAG,
} from './der.js'
import { type GeneralName, readGeneralName } from './generalName.js'

/** The bits of keyUsage in their order (RFC 5280 4.2.1.3). */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

export interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

/** What is absent is null, or an empty list. */
export interface CertificateExtensions {
  readonly basicConstraints: { readonly cA: boolean; readonly pathLength: number | null } | null
  readonly keyUsage: ReadonlySet<KeyUsage> | null
  /** Object identifiers of key purposes. */
  readonly extendedKeyUsage: readonly string[] | null
  readonly subjectAltNames: readonly GeneralName[]
  readonly subjectKeyIdentifier: Uint8Array | null
  readonly authorityKeyIdentifier: Uint8Array | null
  readonly nameConstraints: NameConstraints | null
  /** Object identifiers of critical extensions that are not acted on; a chain that has any is refused. */
  readonly unknownCritical: readonly string[]
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** One parser for each extension, by object identifier. */
const PARSERS: Readonly<Record<string, (value: Uint8Array, into: Mutable<CertificateExtensions>) => void>> = {
  '2.5.29.14': (value, into) => {
    into.subjectKeyIdentifier = onlyElement(value, TAG.OCTET_STRING).content
  },
  '2.5.29.15': (value, into) => {
    into.keyUsage = readKeyUsage(value)
  },
  '2.5.29.17': (value, into) => {
    into.subjectAltNames = readSubjectAltNames(value)
  },
  '2.5.29.19': (value, into) => {
    into.basicConstraints = readBasicConstraints(value)
  },
  '2.5.29.30': (value, into) => {
    into.nameConstraints = readNameConstraints(value)
  },
  '2.5.29.35': (value, into) => {
    into.authorityKeyIdentifier = readAuthorityKeyIdentifier(value)
  },
  '2.5.29.37': (value, into) => {
    into.extendedKeyUsage = readExtendedKeyUsage(value)
  },
  // Certificate policies: no policy is asked for, so any will do (RFC 5280 6.1.1 with any-policy as the initial set).
  '2.5.29.32': (value) => {
    insideOnly(value)
  },
}

export const NO_EXTENSIONS: CertificateExtensions = {
  basicConstraints: null,
  keyUsage: null,
  extendedKeyUsage: null,
  subjectAltNames: [],
  subjectKeyIdentifier: null,
  authorityKeyIdentifier: null,
  nameConstraints: null,
  unknownCritical: [],
}

/** @param content the inside of the `[3]` of a TBSCertificate @throws DerError */
export function readExtensions(content: Uint8Array): CertificateExtensions {
  const extensions: Mutable<CertificateExtensions> = { ...NO_EXTENSIONS }
  const unknownCritical: string[] = []
  const seen = new Set<string>()
  for (const element of listOf(insideOnly(content), 'extensions', TAG.SEQUENCE)) {
    const extension = new DerReader(element.content)
    const identifier = readObjectIdentifier(extension.content(TAG.OBJECT_IDENTIFIER))
    const criticalContent = extension.optional(TAG.BOOLEAN)
    // An explicit FALSE is not DER (X.690 11.5), but it does no harm and some authorities write it.
    const critical = criticalContent !== null && readBoolean(criticalContent)
    const value = extension.content(TAG.OCTET_STRING)
    extension.end()
    // RFC 5280 4.2: no extension more than once.
    if (seen.has(identifier)) throw new DerError(`the extension ${identifier} stands there twice`)
    seen.add(identifier)
    const parse = PARSERS[identifier]
    if (parse !== undefined) parse(value, extensions)
    else if (critical) unknownCritical.push(identifier)
  }
  extensions.unknownCritical = unknownCritical
  return extensions
}

function readBasicConstraints(value: Uint8Array): CertificateExtensions['basicConstraints'] {
  const reader = insideOnly(value)
  const cAContent = reader.optional(TAG.BOOLEAN)
  const cA = cAContent !== null && readBoolean(cAContent)
  const pathLengthContent = reader.optional(TAG.INTEGER)
  reader.end()
  const pathLength = pathLengthContent === null ? null : readSmallInteger(pathLengthContent)
  // RFC 5280 4.2.1.9: a path length only where cA is set.
  if (pathLength !== null && !cA) throw new DerError('there is a path length in a certificate that is no CA')
  return { cA, pathLength }
}

function readKeyUsage(value: Uint8Array): ReadonlySet<KeyUsage> {
  const bits = readNamedBits(onlyElement(value, TAG.BIT_STRING).content)
  // RFC 5280 4.2.1.3: at least one bit is set.
  if (bits.length === 0) throw new DerError('keyUsage allows nothing')
  return new Set(bits.map((bit) => KEY_USAGES[bit]).filter((usage) => usage !== undefined))
}

function readExtendedKeyUsage(value: Uint8Array): readonly string[] {
  const purposes = listOf(insideOnly(value), 'extendedKeyUsage', TAG.OBJECT_IDENTIFIER)
  return purposes.map(({ content }) => readObjectIdentifier(content))
}

function readSubjectAltNames(value: Uint8Array): readonly GeneralName[] {
  return listOf(insideOnly(value), 'subjectAltName').map((element) => {
    const name = readGeneralName(element)
    if (name.kind === 'ip' && name.address.length !== 4 && name.address.length !== 16) {
      throw new DerError('an iPAddress has neither 4 nor 16 octets')
    }
    return name
  })
}

function readAuthorityKeyIdentifier(value: Uint8Array): Uint8Array | null {
  const reader = insideOnly(value)
  const keyIdentifier = reader.optional(contextTag(0))
  reader.optional(constructedTag(1))
  reader.optional(contextTag(2))
  reader.end()
  return keyIdentifier
}

function readNameConstraints(value: Uint8Array): NameConstraints {
  const reader = insideOnly(value)
  const permitted = reader.optional(constructedTag(0))
  const excluded = reader.optional(constructedTag(1))
  reader.end()
  // RFC 5280 4.2.1.10: not an empty sequence.
  if (permitted === null && excluded === null) throw new DerError('nameConstraints is empty')
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) }
}

function readSubtrees(content: Uint8Array | null): readonly GeneralName[] {
  if (content === null) return []
  return listOf(new DerReader(content), 'nameConstraints', TAG.SEQUENCE).map(({ content: subtree }) => {
    const reader = new DerReader(subtree)
    const base = readGeneralName(reader.element())
    // RFC 5280 4.2.1.10: minimum is zero (and so not encoded) and maximum absent.
    reader.end()
    if (base.kind === 'ip' && base.address.length !== 8 && base.address.length !== 32) {
      throw new DerError('an iPAddress constraint has neither 8 nor 32 octets')
    }
    return base
  })
}

/** The elements of a list that must not be empty, all with the same tag if one is given. */
function listOf(reader: DerReader, what: string, tag?: number): DerElement[] {
  const elements: DerElement[] = []
  while (!reader.atEnd) elements.push(reader.element(tag))
  if (elements.length === 0) throw new DerError(`${what} is empty`)
  return elements
}
