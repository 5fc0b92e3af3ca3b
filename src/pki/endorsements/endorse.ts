/** Making endorsements, and reading them from files. */
import { equalBytes } from '../../bytes.js'
import type { SigningKey } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import { asPemText, readPem, writePem } from '../pem.js'
import { encodePublicKey, type PublicKeyInfo, parsePublicKey } from '../publicKey.js'
import { keyId } from '../publicKeyFile.js'
import {
  type Endorsement,
  type EndorsementPurpose,
  encodeEndorsement,
  encodeStatement,
  MAX_DEPTH,
  parseEndorsement,
  signatureInput,
} from './endorsement.js'
import { canonicalName } from './peerName.js'

export interface EndorseOptions {
  /** An ML-DSA key. */
  readonly endorser: SigningKey
  readonly subject: PublicKeyInfo
  /** See `canonicalName`. */
  readonly name: string
  /** Default server and client; with `depth` an introducer. */
  readonly purposes?: readonly ('server' | 'client')[] | undefined
  /** Makes the subject an introducer: 1 to 8. */
  readonly depth?: number | undefined
  /** Milliseconds since the epoch, taken to whole seconds; default now. */
  readonly notBefore?: number | undefined
  readonly notAfter: number
}

const LABEL = 'TREFOIL ENDORSEMENT'

/** @throws TrefoilError ERR_INVALID_OPTION; ERR_UNSUPPORTED_ALGORITHM unless the endorser's key is one of ML-DSA */
export function endorse(options: EndorseOptions): Endorsement {
  const { endorser, subject, depth } = options
  const { algorithm } = endorser
  if (algorithm !== 'mldsa44' && algorithm !== 'mldsa65' && algorithm !== 'mldsa87') {
    throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', `endorsements are signed with ML-DSA, not with ${algorithm}`)
  }
  if (depth !== undefined && !(Number.isInteger(depth) && depth >= 1 && depth <= MAX_DEPTH)) {
    invalid(`the depth of an introducer is 1 to ${MAX_DEPTH}`)
  }
  if (depth !== undefined && options.purposes !== undefined) invalid('an introducer is endorsed for nothing else')
  const endorserId = keyId(parsePublicKey(encodePublicKey(algorithm, endorser.publicKey)))
  if (equalBytes(endorserId, keyId(subject))) invalid('a key cannot endorse itself')
  const notBefore = wholeSecond(options.notBefore ?? Date.now())
  const notAfter = wholeSecond(options.notAfter)
  if (notBefore >= notAfter) invalid('an endorsement ends after it begins')
  const statement = encodeStatement({
    endorserId,
    subject,
    name: canonicalName(options.name),
    purposes: depth === undefined ? readPurposes(options.purposes) : ['introducer'],
    depth: depth ?? 0,
    notBefore,
    notAfter,
    scheme: algorithm,
  })
  const signature = endorser.sign(algorithm, signatureInput(statement))
  return read(encodeEndorsement(statement, signature), 'the endorsement cannot be made')
}

/**
 * The endorsements in a PEM text, in their order, or the one in octets; other PEM blocks are passed over.
 * @throws TrefoilError ERR_INVALID_OPTION when there is none, or one is malformed
 */
export function loadEndorsements(input: string | Uint8Array): Endorsement[] {
  const text = asPemText(input)
  const found =
    text === null ? [input as Uint8Array] : readPem(text).flatMap(({ label, der }) => (label === LABEL ? [der] : []))
  if (found.length === 0) invalid('the text holds no PEM endorsement')
  return found.map((octets, index) => read(octets, `endorsement ${index + 1} of the input cannot be used`))
}

export function writeEndorsementPem({ encoded }: Endorsement): string {
  return writePem(LABEL, encoded)
}

function readPurposes(purposes: readonly EndorsementPurpose[] = ['server', 'client']): readonly EndorsementPurpose[] {
  if (purposes.length === 0 || purposes.some((purpose) => purpose !== 'server' && purpose !== 'client')) {
    invalid('a peer is endorsed as a server, as a client, or as both')
  }
  return purposes
}

function wholeSecond(milliseconds: number): number {
  const whole = 1000 * Math.floor(milliseconds / 1000)
  if (!Number.isSafeInteger(whole) || whole < 0) invalid('the time of an endorsement is not one since 1970')
  return whole
}

function read(octets: Uint8Array, otherwise: string): Endorsement {
  try {
    return parseEndorsement(octets)
  } catch (error) {
    if (error instanceof RangeError) return invalid(`${otherwise}: ${error.message}`)
    throw error
  }
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
