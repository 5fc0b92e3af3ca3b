/**
 * An endorsement: somebody's signed word that a key belongs to a name. docs/web-of-trust.md has the structures.
 *
 * Every endorsement has one encoding: integers and lengths are fixed or minimal, the key is strict DER, the name has one
 * spelling, and what a field may hold depends on the others in one way. Whatever else comes is refused.
 */
import { concat, utf8 } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { MldsaAlgorithm } from '../../crypto/signatureKeys.js'
import { SIGNATURE_SCHEMES, schemeByCodePoint } from '../../crypto/signatureSchemes.js'
import { type PublicKeyInfo, parsePublicKey } from '../publicKey.js'
import { Octets } from './octets.js'
import { isCanonicalName, MAX_NAME_LENGTH } from './peerName.js'

/** What the key is endorsed for: to be a server or a client of that name; or to endorse others. */
export type EndorsementPurpose = 'server' | 'client' | 'introducer'

export interface EndorsementStatement {
  /** SHA-256 of the endorser's SubjectPublicKeyInfo, 32 octets. */
  readonly endorserId: Uint8Array
  readonly subject: PublicKeyInfo
  /** In the spelling of `canonicalName`. */
  readonly name: string
  /** `server`, `client` or both; or `introducer` alone. */
  readonly purposes: readonly EndorsementPurpose[]
  /** For an introducer how long a chain may start with it, 1 to 8: 1 lets it endorse peers only. Otherwise 0. */
  readonly depth: number
  /** Milliseconds since the epoch, whole seconds. */
  readonly notBefore: number
  readonly notAfter: number
  /** The scheme of the signature. */
  readonly scheme: MldsaAlgorithm
}

export interface Endorsement extends EndorsementStatement {
  /** The statement's octets. */
  readonly statement: Uint8Array
  readonly signature: Uint8Array
  /** The whole endorsement. */
  readonly encoded: Uint8Array
}

export const MAX_DEPTH = 8
const VERSION = 1
const KEY_ID_LENGTH = 32
const PURPOSE_BITS = { server: 1, client: 2, introducer: 4 } as const
/** The end of the year 9999, in seconds: the last that ISO 8601 writes with four digits. */
const LAST_SECOND = 253_402_300_799
/** FIPS 204 table 2. */
const SIGNATURE_LENGTHS = { mldsa44: 2420, mldsa65: 3309, mldsa87: 4627 } as const

/**
 * Stands before the statement in what is signed. CertificateVerify begins with octet 0x20 (RFC 9846 4.5.3),
 * certificates, requests and lists of revoked ones with 0x30 (a SEQUENCE): no octets signed for one of those can be
 * taken for an endorsement, nor the reverse, although ML-DSA has the empty context everywhere.
 */
const DOMAIN = utf8('Trefoil endorsement, version 1\0')

/** What the endorser signs. */
export function signatureInput(statement: Uint8Array): Uint8Array {
  return concat(DOMAIN, statement)
}

/** Whether this key signed the endorsement. */
export function isEndorsedBy(endorsement: Endorsement, key: PublicKeyInfo, crypto: CryptoProvider): boolean {
  const { scheme, statement, signature } = endorsement
  if (key.algorithm !== scheme) return false
  return crypto.verifyingKey(scheme, key.publicKey).verify(scheme, signatureInput(statement), signature)
}

/** The statement's octets. @throws RangeError when a field cannot be written */
export function encodeStatement(statement: EndorsementStatement): Uint8Array {
  const { endorserId, subject, name, purposes, depth, notBefore, notAfter, scheme } = statement
  const bits = purposes.reduce((sum, purpose) => sum | PURPOSE_BITS[purpose], 0)
  return concat(
    Uint8Array.of(VERSION),
    endorserId,
    uint(subject.der.length, 2),
    subject.der,
    Uint8Array.of(name.length),
    utf8(name),
    Uint8Array.of(bits, depth),
    uint(notBefore / 1000, 8),
    uint(notAfter / 1000, 8),
    uint(SIGNATURE_SCHEMES[scheme].codePoint, 2),
  )
}

/** Statement and signature as one. */
export function encodeEndorsement(statement: Uint8Array, signature: Uint8Array): Uint8Array {
  return concat(statement, uint(signature.length, 2), signature)
}

/** Copies what it reads. @throws RangeError with the reason when the octets are anything but one endorsement */
export function parseEndorsement(input: Uint8Array): Endorsement {
  const encoded = new Uint8Array(input)
  const octets = new Octets(encoded)
  if (octets.uint(1) !== VERSION) throw new RangeError('its version is not 1')
  const endorserId = octets.take(KEY_ID_LENGTH)
  const subject = readSubject(octets.vector(2))
  const name = readName(octets.vector(1))
  const purposes = readPurposes(octets.uint(1))
  const depth = readDepth(octets.uint(1), purposes)
  const [notBefore, notAfter] = [octets.uint(8), octets.uint(8)]
  if (notBefore >= notAfter || notAfter > LAST_SECOND) throw new RangeError('its validity has no length or no end')
  const scheme = readScheme(octets.uint(2))
  const statement = encoded.subarray(0, octets.position)
  const signature = octets.vector(2)
  if (signature.length !== SIGNATURE_LENGTHS[scheme]) throw new RangeError('its signature has a wrong length')
  octets.end()
  return Object.freeze({
    endorserId,
    subject,
    name,
    purposes,
    depth,
    notBefore: 1000 * notBefore,
    notAfter: 1000 * notAfter,
    scheme,
    statement,
    signature,
    encoded,
  })
}

function readSubject(der: Uint8Array): PublicKeyInfo {
  let key: PublicKeyInfo
  try {
    key = parsePublicKey(der)
  } catch {
    throw new RangeError('its key is no SubjectPublicKeyInfo in DER')
  }
  if (key.algorithm === null) throw new RangeError('its key is of an algorithm that is not known here')
  return key
}

function readName(octets: Uint8Array): string {
  const name = String.fromCharCode(...octets)
  if (octets.length > MAX_NAME_LENGTH || !isCanonicalName(name)) throw new RangeError('its name is not well spelt')
  return name
}

function readPurposes(bits: number): readonly EndorsementPurpose[] {
  if (bits === PURPOSE_BITS.introducer) return Object.freeze<EndorsementPurpose[]>(['introducer'])
  if (bits < 1 || bits > 3) throw new RangeError('its purposes make no sense')
  return Object.freeze((['server', 'client'] as const).filter((purpose) => (bits & PURPOSE_BITS[purpose]) !== 0))
}

function readDepth(depth: number, purposes: readonly EndorsementPurpose[]): number {
  const introducer = purposes.includes('introducer')
  if (introducer ? depth < 1 || depth > MAX_DEPTH : depth !== 0) throw new RangeError('its depth makes no sense')
  return depth
}

function readScheme(codePoint: number): MldsaAlgorithm {
  const scheme = schemeByCodePoint(codePoint)
  if (scheme === 'mldsa44' || scheme === 'mldsa65' || scheme === 'mldsa87') return scheme
  throw new RangeError('its signature is not of ML-DSA')
}

function uint(value: number, length: 2 | 8): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * length)) {
    throw new RangeError(`${value} cannot be written in ${length} octets`)
  }
  const octets = new Uint8Array(length)
  for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) octets[i] = rest % 256
  return octets
}
