/**
 * Certificates for the table of chains: as they should be unless told otherwise, and the same octets whenever they are
 * made, since keys come from their label and ML-DSA signs without hedging.
 */
import { createHash } from 'node:crypto'
import { fromHex, utf8 } from '../../../src/bytes.js'
import { nobleProvider, nodeProvider, type SigningKey } from '../../../src/crypto/index.js'
import { type IssuedAlgorithm, loadPrivateKey } from '../../../src/pki/index.js'
import * as make from '../craft.js'
import { encodeDer } from '../encodeDer.js'
import { RSA_KEYS } from './rsaKeys.js'

export const HOST = 'bank.example'
/** Long enough for a table that is tested for years against the clock of another program, which cannot be set. */
export const ALWAYS = { notBefore: '200101000000Z', notAfter: '20990101000000Z' } as const
export const PAST = { notBefore: '100101000000Z', notAfter: '150101000000Z' } as const
export const FUTURE = { notBefore: '20900101000000Z', notAfter: '20990101000000Z' } as const

export type KeyKind = IssuedAlgorithm | keyof typeof RSA_KEYS

/** What replaces an extension that would be there; null leaves it out. */
export interface Extensions {
  readonly basicConstraints?: Uint8Array | null
  readonly keyUsage?: Uint8Array | null
  readonly purposes?: Uint8Array | null
  readonly names?: Uint8Array | null
  readonly keyId?: Uint8Array | null
  readonly issuerKeyId?: Uint8Array | null
  readonly more?: readonly Uint8Array[]
}

export interface Shape extends Omit<make.CraftOptions, 'extensions' | 'key' | 'algorithm'>, Extensions {
  readonly kind?: KeyKind
  /** Whose key it is; the subject's unless given. */
  readonly keyOf?: string
  /** All extensions, instead of those above. */
  readonly extensions?: readonly Uint8Array[]
}

export const NOT_CA = make.extension('0603551d13', '3000', true)
export const CERT_SIGN = make.extension('0603551d0f', '03020106', true)
export const SIGNS = make.extension('0603551d0f', '03020780', true)

const keys = new Map<string, SigningKey>()

/** The key of that name and kind. */
export function keyOf(label: string, kind: KeyKind = 'mldsa44'): SigningKey {
  const name = `${kind} ${label}`
  const known = keys.get(name) ?? makeKey(name, kind)
  keys.set(name, known)
  return known
}

/** A certificate authority; self-signed without an issuer. */
export function authority(subject: string, shape: Shape = {}): make.Crafted {
  return certify(subject, { basicConstraints: make.CA, keyUsage: CERT_SIGN, ...shape })
}

/** A certificate for a server and client called {@link HOST}. */
export function leaf(issuer: make.Crafted | undefined, shape: Shape = {}): make.Crafted {
  const base = {
    basicConstraints: NOT_CA,
    keyUsage: SIGNS,
    purposes: make.extension('0603551d25', '301406082b0601050507030106082b06010505070302'),
    names: make.altNames(HOST),
  }
  return certify('leaf', { ...(issuer && { issuer }), ...base, ...shape })
}

export function certify(subject: string, shape: Shape): make.Crafted {
  const {
    kind,
    keyOf: owner,
    basicConstraints,
    keyUsage,
    purposes,
    names,
    keyId,
    issuerKeyId,
    more,
    ...options
  } = shape
  const key = keyOf(owner ?? subject, kind)
  const issuerKey = options.issuer?.key
  const standard = [
    basicConstraints,
    keyUsage,
    purposes,
    keyId === undefined ? make.keyId(identify(key)) : keyId,
    issuerKeyId === undefined && issuerKey ? make.issuerKeyId(identify(issuerKey)) : issuerKeyId,
    names,
    ...(more ?? []),
  ]
  const extensions = options.extensions ?? standard.filter((extension) => extension != null)
  const serialNumber = encodeDer(0x02, Uint8Array.of(0x40), digest(subject, JSON.stringify([options.notAfter, kind])))
  const scheme = (options.issuer?.key ?? key).algorithm.startsWith('rsa') ? 'rsa_pkcs1_sha256' : undefined
  return make.craft({
    serialNumber,
    deterministic: true,
    ...(scheme && { scheme }),
    ...ALWAYS,
    ...options,
    subject,
    key,
    extensions,
  })
}

export const der = (hex: string): Uint8Array => fromHex(hex)
export const subtreeOfOrganization = (name: string): Uint8Array =>
  make.directory(encodeDer(0x30, make.part(make.ORGANIZATION, name)))

function makeKey(name: string, kind: KeyKind): SigningKey {
  if (kind in RSA_KEYS) return loadPrivateKey(RSA_KEYS[kind as keyof typeof RSA_KEYS], nodeProvider)
  const algorithm = kind as IssuedAlgorithm
  if (algorithm === 'ecdsa-p256') return nobleProvider.signingKey({ algorithm, scalar: hash('sha256', name) })
  if (algorithm === 'ecdsa-p384') return nobleProvider.signingKey({ algorithm, scalar: hash('sha384', name) })
  return nobleProvider.signingKey({ algorithm, seed: hash('sha256', name) })
}

const hash = (algorithm: string, text: string): Uint8Array =>
  new Uint8Array(createHash(algorithm).update(utf8(text)).digest())
const digest = (...texts: string[]): Uint8Array => hash('sha256', texts.join('\n')).slice(0, 10)
const identify = (key: SigningKey): string => createHash('sha256').update(key.publicKey).digest('hex').slice(0, 40)
