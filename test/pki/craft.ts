/** Certificates of any shape for tests, the wrong ones included: every field can be put in by hand. */
import { concat, fromHex, utf8 } from '../../src/bytes.js'
import { nodeProvider } from '../../src/crypto/index.js'
import type { SigningKey } from '../../src/crypto/provider.js'
import type { SignatureSchemeName } from '../../src/crypto/signatureSchemes.js'
import { signatureIdentifier } from '../../src/pki/algorithms.js'
import { encodePublicKey, type IssuedAlgorithm } from '../../src/pki/index.js'
import { encodeDer } from './encodeDer.js'

export const NOW = Date.UTC(2026, 10, 23, 12)
export const DAY = 86_400_000

/** Extensions by hand, in hex: object identifier, criticality, value. */
export const extension = (oid: string, value: string | Uint8Array, critical = false): Uint8Array =>
  encodeDer(
    0x30,
    fromHex(oid),
    critical ? fromHex('0101ff') : new Uint8Array(),
    encodeDer(0x04, typeof value === 'string' ? fromHex(value) : value),
  )

export const CA = extension('0603551d13', '30030101ff', true)
export const pathLength = (length: number): Uint8Array =>
  extension('0603551d13', `30060101ff0201${length.toString(16).padStart(2, '0')}`, true)
/** keyUsage from its octets: 80 digitalSignature, 04 keyCertSign, 20 keyEncipherment. */
export const keyUsage = (bits: string): Uint8Array => extension('0603551d0f', `030200${bits}`, true)
export const SERVER_AUTH = extension('0603551d25', '300a06082b06010505070301')
export const CLIENT_AUTH = extension('0603551d25', '300a06082b06010505070302')
export const keyId = (id: string): Uint8Array => extension('0603551d0e', encodeDer(0x04, fromHex(id)))
export const issuerKeyId = (id: string): Uint8Array =>
  extension('0603551d23', encodeDer(0x30, encodeDer(0x80, fromHex(id))))

/** subjectAltName from dNSName and iPAddress (hex) entries. */
export const altNames = (...names: readonly (string | Uint8Array)[]): Uint8Array =>
  extension('0603551d11', encodeDer(0x30, ...names.map(generalName)))
export const nameConstraints = (
  permitted: readonly (string | Uint8Array)[],
  excluded: readonly (string | Uint8Array)[],
): Uint8Array => {
  const subtrees = (tag: number, bases: readonly (string | Uint8Array)[]): Uint8Array =>
    bases.length === 0 ? new Uint8Array() : encodeDer(tag, ...bases.map((base) => encodeDer(0x30, generalName(base))))
  return extension('0603551d1e', encodeDer(0x30, subtrees(0xa0, permitted), subtrees(0xa1, excluded)), true)
}

/** Text is a dNSName, octets are an iPAddress unless they are a GeneralName already: context tag, length, content. */
function generalName(name: string | Uint8Array): Uint8Array {
  if (typeof name === 'string') return encodeDer(0x82, utf8(name))
  const isGeneralName = (name[0] as number) >= 0x80 && name[1] === name.length - 2
  return isGeneralName ? name : encodeDer(0x87, name)
}
export const email = (text: string): Uint8Array => encodeDer(0x81, utf8(text))
export const uri = (text: string): Uint8Array => encodeDer(0x86, utf8(text))
export const directory = (name: Uint8Array): Uint8Array => encodeDer(0xa4, name)

/** One relative name: the content of its object identifier in hex, and the tag of its string. */
export const part = (type: string, text: string, tag = 0x0c): Uint8Array =>
  encodeDer(0x31, encodeDer(0x30, encodeDer(0x06, fromHex(type)), encodeDer(tag, utf8(text))))
export const COMMON_NAME = '550403'
export const ORGANIZATION = '55040a'
export const EMAIL_ADDRESS = '2a864886f70d010901'
export const name = (commonName: string): Uint8Array => encodeDer(0x30, part(COMMON_NAME, commonName))

export interface Crafted {
  readonly der: Uint8Array
  readonly subject: Uint8Array
  readonly key: SigningKey
}

export interface CraftOptions {
  readonly subject?: string
  /** An encoded name instead of the common name `subject`. */
  readonly subjectName?: Uint8Array
  /** What stands as the issuer's name, where it is not that of `issuer`. */
  readonly issuerName?: Uint8Array
  /** Self-signed without one. */
  readonly issuer?: Crafted
  readonly algorithm?: IssuedAlgorithm
  readonly key?: SigningKey
  readonly extensions?: readonly Uint8Array[]
  readonly notBefore?: string
  readonly notAfter?: string
  readonly scheme?: SignatureSchemeName
  /** ML-DSA without hedging, so that the same options give the same octets. */
  readonly deterministic?: boolean
  /** Makes the signature instead of the issuer's key. */
  readonly signature?: (tbs: Uint8Array) => Uint8Array
  /** Encodings that replace what would stand there. */
  readonly version?: Uint8Array
  readonly serialNumber?: Uint8Array
  readonly innerAlgorithm?: Uint8Array
  readonly outerAlgorithm?: Uint8Array
  readonly subjectPublicKeyInfo?: Uint8Array
  readonly afterPublicKey?: Uint8Array
  readonly afterTbs?: Uint8Array
}

export function generate(algorithm: IssuedAlgorithm): SigningKey {
  return nodeProvider.signingKey(nodeProvider.generateSigningKey(algorithm))
}

const SCHEMES: Readonly<Record<IssuedAlgorithm, SignatureSchemeName>> = {
  mldsa44: 'mldsa44',
  mldsa65: 'mldsa65',
  mldsa87: 'mldsa87',
  ed25519: 'ed25519',
  'ecdsa-p256': 'ecdsa_secp256r1_sha256',
  'ecdsa-p384': 'ecdsa_secp384r1_sha384',
}

export function craft(options: CraftOptions = {}): Crafted {
  const key = options.key ?? generate(options.algorithm ?? 'mldsa44')
  const signer = options.issuer?.key ?? key
  const scheme = options.scheme ?? SCHEMES[signer.algorithm as IssuedAlgorithm]
  const subject = options.subjectName ?? name(options.subject ?? 'crafted')
  const algorithm = options.innerAlgorithm ?? fromHex(signatureIdentifier(scheme) as string)
  const extensions = options.extensions ?? []
  const tbs = encodeDer(
    0x30,
    options.version ?? fromHex('a003020102'),
    options.serialNumber ?? fromHex('020140'),
    algorithm,
    options.issuerName ?? options.issuer?.subject ?? subject,
    encodeDer(0x30, time(options.notBefore ?? '20260101000000Z'), time(options.notAfter ?? '20271231235959Z')),
    subject,
    options.subjectPublicKeyInfo ?? encodePublicKey(key.algorithm, key.publicKey),
    options.afterPublicKey ?? new Uint8Array(),
    extensions.length === 0 ? new Uint8Array() : encodeDer(0xa3, encodeDer(0x30, ...extensions)),
  )
  const signature = encodeDer(
    0x03,
    Uint8Array.of(0),
    options.signature?.(tbs) ?? signer.sign(scheme, tbs, { deterministic: options.deterministic ?? false }),
  )
  const der = encodeDer(0x30, tbs, options.outerAlgorithm ?? algorithm, signature, options.afterTbs ?? new Uint8Array())
  return { der, subject, key }
}

/** GeneralizedTime, and UTCTime where there are too few digits for it. */
function time(text: string): Uint8Array {
  return encodeDer(text.length <= 13 ? 0x17 : 0x18, utf8(text))
}

/** Changes one bit. */
export function flipBit(octets: Uint8Array, bit: number): Uint8Array {
  const changed = concat(octets)
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (0x80 >> (bit & 7))
  return changed
}
