/** The certificate extensions that Trefoil acts on (RFC 5280 4.2.1), each parsed strictly. */
import { OctetString } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/asn1-x509'
import { type Element, ElementList } from './asn1Types.js'
import type { Extensions } from './certificateTypes.js'
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  type GeneralSubtrees,
  NameConstraintsType,
} from './extensionTypes.js'
import { type GeneralName, readGeneralName } from './generalName.js'
import { DerError, readValue } from './strictAsn1.js'

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

/** What four octets can say; no chain is nearly as long. */
const MAX_PATH_LENGTH = 0xffffffff

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** One parser for each extension, by object identifier. */
const PARSERS: Readonly<Record<string, (value: Uint8Array, into: Mutable<CertificateExtensions>) => void>> = {
  '2.5.29.14': (value, into) => {
    into.subjectKeyIdentifier = new Uint8Array(readValue(value, OctetString).buffer)
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
    readValue(value, ElementList)
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

/** @throws DerError */
export function readExtensions(list: Extensions): CertificateExtensions {
  const extensions: Mutable<CertificateExtensions> = { ...NO_EXTENSIONS }
  const unknownCritical: string[] = []
  const seen = new Set<string>()
  for (const { extnID, critical, extnValue } of notEmpty(list, 'extensions')) {
    const identifier = extnID.text
    // RFC 5280 4.2: no extension more than once.
    if (seen.has(identifier)) throw new DerError(`the extension ${identifier} stands there twice`)
    seen.add(identifier)
    const parse = PARSERS[identifier]
    if (parse !== undefined) parse(new Uint8Array(extnValue.buffer), extensions)
    else if (critical === true) unknownCritical.push(identifier)
  }
  extensions.unknownCritical = unknownCritical
  return Object.freeze(extensions)
}

function readBasicConstraints(value: Uint8Array): CertificateExtensions['basicConstraints'] {
  const { cA = false, pathLenConstraint } = readValue(value, BasicConstraints)
  if (pathLenConstraint === undefined) return { cA, pathLength: null }
  // RFC 5280 4.2.1.9: a path length only where cA is set.
  if (!cA) throw new DerError('there is a path length in a certificate that is no CA')
  const pathLength = Number(pathLenConstraint)
  if (pathLength < 0 || pathLength > MAX_PATH_LENGTH) throw new DerError('a path length is negative or too large')
  return { cA, pathLength }
}

function readKeyUsage(value: Uint8Array): ReadonlySet<KeyUsage> {
  const bits = new Uint8Array(readValue(value, x509.KeyUsage).value)
  // RFC 5280 4.2.1.3: at least one bit is set.
  if (bits.every((octet) => octet === 0)) throw new DerError('keyUsage allows nothing')
  return new Set(KEY_USAGES.filter((_, bit) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0))
}

function readExtendedKeyUsage(value: Uint8Array): readonly string[] {
  return Array.from(notEmpty(readValue(value, ExtendedKeyUsage), 'extendedKeyUsage'), ({ text }) => text)
}

function readSubjectAltNames(value: Uint8Array): readonly GeneralName[] {
  const names = notEmpty(readValue(value, ElementList), 'subjectAltName')
  return Array.from(names, (element) => readNameOrNetwork(element, 1))
}

function readAuthorityKeyIdentifier(value: Uint8Array): Uint8Array | null {
  const { keyIdentifier } = readValue(value, AuthorityKeyIdentifier)
  return keyIdentifier === undefined ? null : new Uint8Array(keyIdentifier.buffer)
}

function readNameConstraints(value: Uint8Array): NameConstraints {
  const { permittedSubtrees, excludedSubtrees } = readValue(value, NameConstraintsType)
  // RFC 5280 4.2.1.10: not an empty sequence.
  if (permittedSubtrees === undefined && excludedSubtrees === undefined) throw new DerError('nameConstraints is empty')
  return { permitted: readSubtrees(permittedSubtrees), excluded: readSubtrees(excludedSubtrees) }
}

function readSubtrees(subtrees: GeneralSubtrees | undefined): readonly GeneralName[] {
  if (subtrees === undefined) return []
  return Array.from(notEmpty(subtrees, 'nameConstraints'), ({ base }) => readNameOrNetwork(base, 2))
}

/** RFC 5280 4.2.1.6 and 4.2.1.10: an iPAddress is an address, in a constraint an address and a mask. */
function readNameOrNetwork(element: Element, addresses: 1 | 2): GeneralName {
  const name = readGeneralName(element)
  if (name.kind === 'ip' && name.address.length !== 4 * addresses && name.address.length !== 16 * addresses) {
    throw new DerError(`an iPAddress has ${name.address.length} octets`)
  }
  return name
}

function notEmpty<T extends { readonly length: number }>(list: T, what: string): T {
  if (list.length === 0) throw new DerError(`${what} is empty`)
  return list
}
