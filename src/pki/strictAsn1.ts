/**
 * The one gate between octets and the ASN.1 library. The library reads BER, passes over what its schemas do not ask
 * for, and takes time that is not proportional to its input. So every input is first held to the form of DER and to
 * bounds, and what the library made of it is written again and must give the same octets: nothing was left out, and
 * nothing was written otherwise than DER writes it.
 */
import { AsnParser, AsnSerializer } from '@peculiar/asn1-schema'
import { type BaseBlock, type FromBerOptions, fromBER } from 'asn1js'
import { equalBytes, wipe } from '../bytes.js'
import { type ErrorCode, TrefoilError } from '../errors.js'

/** Says what is wrong with the octets; never leaves `pki`: see {@link decoding}. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** Runs a decoder and turns its DerError into a refusal that says what could not be read. */
export function decoding<T>(code: ErrorCode, what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof DerError) throw new TrefoilError(code, `${what} is malformed: ${error.message}`)
    throw error
  }
}

/**
 * The value of a type declared for the library. Views of `octets` may be kept in it.
 * @throws DerError when `octets` are anything but the DER encoding of one such value
 */
export function readValue<T extends object>(octets: Uint8Array, type: new () => T): T {
  const element = readElement(octets)
  return usingLibrary(() => {
    const value = AsnParser.fromASN(element, type, { berOptions: BER_OPTIONS })
    const written = writeValue(value)
    const same = equalBytes(written, octets)
    // It may be a key.
    wipe(written)
    if (!same) throw new DerError('it is not DER, or holds more than it may')
    return value
  })
}

/**
 * The one element that `octets` consist of.
 * @throws DerError when they are not DER, or something follows it
 */
export function readElement(octets: Uint8Array): BaseBlock {
  checkForm(octets)
  return usingLibrary(() => {
    const { result, offset } = fromBER(octets, BER_OPTIONS)
    if (offset !== octets.length) throw new DerError('the octets end too early, or some are left over')
    return result
  })
}

/** The DER encoding of a value of a type declared for the library. */
export function writeValue(value: object): Uint8Array {
  return new Uint8Array(AsnSerializer.serialize(value))
}

/** Without a copy, results are views; and no guesses at what strings of octets may hold. */
const BER_OPTIONS: FromBerOptions = { copyInput: false, parseEmbedded: false }

/** Nothing that certificates and keys are made of is deeper, and no certificate in use has nearly as many elements. */
const MAX_DEPTH = 32
const MAX_ELEMENTS = 10_000
/** Octets: object identifiers in use are far shorter, and no modulus of an RSA key in use is nearly as long. */
const MAX_OBJECT_IDENTIFIER_LENGTH = 64
const MAX_INTEGER_LENGTH = 4096

const CONSTRUCTED = 0x20
const TAG_NUMBER = 0x1f
/** Universal tags, primitive unless said. */
const BOOLEAN = 0x01
const INTEGER = 0x02
const BIT_STRING = 0x03
const NULL = 0x05
const OBJECT_IDENTIFIER = 0x06
const RELATIVE_OID = 0x0d
const SEQUENCE = 0x30
const SET = 0x31

/** What the library throws says nothing to whoever reads our errors, and might quote a key. */
function usingLibrary<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof DerError) throw error
    throw new DerError('it has not the structure that it must have')
  }
}

/** Goes over all tags and lengths, without a look at what they mean (X.690 clauses 8, 10 and 11). */
function checkForm(octets: Uint8Array): void {
  let elements = 0
  const scan = (start: number, end: number, depth: number): void => {
    if (depth > MAX_DEPTH) throw new DerError('its elements are nested too deeply')
    for (let offset = start; offset < end; ) {
      const tag = octets[offset] as number
      const content = readLength(octets, offset + 1, end)
      offset = content.end
      // The library makes an object of each element, and of each arc.
      elements += tag === OBJECT_IDENTIFIER || tag === RELATIVE_OID ? 1 + content.end - content.start : 1
      if (elements > MAX_ELEMENTS) throw new DerError('it has too many elements')
      // X.690 8.1.2.4: no structure read here needs a tag number above 30.
      if ((tag & TAG_NUMBER) === TAG_NUMBER) throw new DerError('a tag number is above 30')
      // X.690 10.2 and 8.9 to 8.12: of the universal types, those two and no others are constructed.
      const constructed = (tag & CONSTRUCTED) !== 0
      if (tag < 0x40 && constructed !== (tag === SEQUENCE || tag === SET)) {
        throw new DerError('an element is constructed that must not be, or is not that must be')
      }
      if (constructed) scan(content.start, content.end, depth + 1)
      else checkPrimitive(tag, octets.subarray(content.start, content.end))
    }
  }
  scan(0, octets.length, 0)
}

/** Where the content lies whose length stands at `offset` (X.690 8.1.3 and 10.1: definite, in the fewest octets). */
function readLength(octets: Uint8Array, offset: number, end: number): { start: number; end: number } {
  const first = offset < end ? (octets[offset] as number) : 0xff
  const count = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80) throw new DerError('a length is indefinite')
  if (count > 4 || offset + 1 + count > end) throw new DerError('a length is cut short or has more than four octets')
  const start = offset + 1 + count
  let length = first
  if (count > 0) {
    length = octets.subarray(offset + 1, start).reduce((value, octet) => value * 256 + octet, 0)
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length is not in its shortest form')
  }
  if (length > end - start) throw new DerError('an element is longer than what holds it')
  return { start, end: start + length }
}

function checkPrimitive(tag: number, content: Uint8Array): void {
  const [first = -1, second = 0] = content
  switch (tag) {
    case BOOLEAN:
      // X.690 11.1. The library needs seconds for one of a hundred kilobytes.
      if (content.length !== 1 || (first !== 0 && first !== 0xff)) throw new DerError('a BOOLEAN is not in DER')
      break
    case INTEGER:
      // X.690 8.3.2: the first nine bits differ.
      if (first === -1 || (content.length > 1 && first === (second < 0x80 ? 0 : 0xff))) {
        throw new DerError('an INTEGER is not in its shortest form')
      }
      if (content.length > MAX_INTEGER_LENGTH) throw new DerError('an INTEGER is too large')
      break
    case BIT_STRING:
      checkBitString(content)
      break
    case NULL:
      if (content.length > 0) throw new DerError('a NULL holds something')
      break
    case OBJECT_IDENTIFIER:
    case RELATIVE_OID:
      if (content.length > MAX_OBJECT_IDENTIFIER_LENGTH) throw new DerError('an OBJECT IDENTIFIER is too long')
      break
  }
}

/** X.690 8.6.2 and 11.2.1. */
function checkBitString(content: Uint8Array): void {
  const [unused = 8] = content
  if (unused > 7 || (content.length === 1 && unused > 0)) {
    throw new DerError('a BIT STRING counts its unused bits wrongly')
  }
  const last = content[content.length - 1] as number
  if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) {
    throw new DerError('unused bits of a BIT STRING are set')
  }
}
