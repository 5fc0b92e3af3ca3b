/**
 * A strict reader of DER (X.690 clauses 8, 10 and 11). It knows no schema: callers say which tag must come next, and
 * whatever is left over, doubly encoded or in BER's looser forms is an error. Every result is a view of the input, so
 * signed octets are checked exactly as they arrived.
 */
import { fromUtf8 } from '../bytes.js'
import { type ErrorCode, TrefoilError } from '../errors.js'

export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const

/** `[number]` of the context class, primitive. */
export const contextTag = (number: number): number => 0x80 | number
/** `[number]` of the context class, constructed. */
export const constructedTag = (number: number): number => 0xa0 | number

/** Far more than any in use; large arithmetic on what a stranger sent would be costly. */
const MAX_OBJECT_IDENTIFIER_LENGTH = 64

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

export interface DerElement {
  readonly tag: number
  /** Tag, length and content. */
  readonly encoding: Uint8Array
  readonly content: Uint8Array
}

/** Reads the elements that stand side by side in `bytes`. */
export class DerReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  /** Whether an element with this tag comes next. */
  next(tag: number): boolean {
    return this.#bytes[this.#offset] === tag
  }

  /** The next element, which must have `tag` if one is given. */
  element(tag?: number): DerElement {
    const start = this.#offset
    const found = this.#octet()
    if (tag !== undefined && found !== tag) throw new DerError(`tag ${hex(found)} stands where ${hex(tag)} must`)
    // X.690 8.1.2.4: no structure read here needs a tag number above 30.
    if ((found & 0x1f) === 0x1f) throw new DerError('a tag number is above 30')
    const length = this.#length()
    const contentStart = this.#offset
    if (length > this.#bytes.length - contentStart) throw new DerError('an element is longer than what holds it')
    this.#offset = contentStart + length
    return {
      tag: found,
      encoding: this.#bytes.subarray(start, this.#offset),
      content: this.#bytes.subarray(contentStart, this.#offset),
    }
  }

  /** The content of the next element. */
  content(tag: number): Uint8Array {
    return this.element(tag).content
  }

  /** The content of the next element if it has this tag, else null. */
  optional(tag: number): Uint8Array | null {
    return this.next(tag) ? this.content(tag) : null
  }

  /** Goes inside the next element. */
  inside(tag: number = TAG.SEQUENCE): DerReader {
    return new DerReader(this.content(tag))
  }

  /** What every structure ends with: nothing may follow. */
  end(): void {
    if (!this.atEnd) throw new DerError('octets are left over')
  }

  /** X.690 8.1.3 and 10.1: definite, in as few octets as possible. */
  #length(): number {
    const first = this.#octet()
    if (first < 0x80) return first
    const count = first & 0x7f
    if (count === 0) throw new DerError('a length is indefinite')
    if (count > 4) throw new DerError('a length has more than four octets')
    let length = 0
    for (let i = 0; i < count; i++) length = length * 256 + this.#octet()
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length is not in its shortest form')
    return length
  }

  #octet(): number {
    const octet = this.#bytes[this.#offset]
    if (octet === undefined) throw new DerError('the octets end too early')
    this.#offset++
    return octet
  }
}

/** The one element that `bytes` consists of. */
export function onlyElement(bytes: Uint8Array, tag?: number): DerElement {
  const reader = new DerReader(bytes)
  const element = reader.element(tag)
  reader.end()
  return element
}

/** A reader inside the one element that `bytes` consists of. */
export function insideOnly(bytes: Uint8Array, tag: number = TAG.SEQUENCE): DerReader {
  return new DerReader(onlyElement(bytes, tag).content)
}

/** X.690 11.1: true is 0xff. */
export function readBoolean(content: Uint8Array): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError('a BOOLEAN is not in DER')
  return content[0] === 0xff
}

/** An INTEGER's content octets, checked to be minimal and not negative. A leading zero octet is kept. */
export function readUnsigned(content: Uint8Array): Uint8Array {
  const [first, second] = content
  if (first === undefined) throw new DerError('an INTEGER is empty')
  if (first >= 0x80) throw new DerError('an INTEGER is negative')
  if (first === 0 && second !== undefined && second < 0x80) throw new DerError('an INTEGER is not in its shortest form')
  return content
}

/** A small INTEGER as a number. */
export function readSmallInteger(content: Uint8Array): number {
  const octets = readUnsigned(content)
  if (octets.length > 4) throw new DerError('an INTEGER is too large')
  return octets.reduce((value, octet) => value * 256 + octet, 0)
}

/** The octets of a BIT STRING that is a whole number of octets. */
export function readBitStringOctets(content: Uint8Array): Uint8Array {
  if (content[0] !== 0) throw new DerError('a BIT STRING is not a whole number of octets')
  return content.subarray(1)
}

/** The numbers of the bits set in a BIT STRING of named bits (X.680 22.7). */
export function readNamedBits(content: Uint8Array): number[] {
  const unused = content[0]
  const bits = content.subarray(1)
  if (unused === undefined || unused > 7 || (bits.length === 0 && unused > 0)) {
    throw new DerError('a BIT STRING counts its unused bits wrongly')
  }
  const last = bits[bits.length - 1] ?? 0
  if ((last & ((1 << unused) - 1)) !== 0) throw new DerError('unused bits of a BIT STRING are set')
  const numbers: number[] = []
  for (const [index, octet] of bits.entries()) {
    for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >> bit)) !== 0) numbers.push(index * 8 + bit)
  }
  return numbers
}

/** An OBJECT IDENTIFIER in dotted form. */
export function readObjectIdentifier(content: Uint8Array): string {
  if (content.length === 0 || ((content[content.length - 1] as number) & 0x80) !== 0) {
    throw new DerError('an OBJECT IDENTIFIER is cut short')
  }
  if (content.length > MAX_OBJECT_IDENTIFIER_LENGTH) throw new DerError('an OBJECT IDENTIFIER is too long')
  const arcs: (number | bigint)[] = []
  let arc: number | bigint = 0
  let start = true
  for (const octet of content) {
    if (start && octet === 0x80) throw new DerError('an OBJECT IDENTIFIER is not in its shortest form')
    const low = octet & 0x7f
    // Arcs of 128 bits are in use; numbers are faster as long as they are exact.
    arc = typeof arc === 'number' && arc < 2 ** 46 ? arc * 128 + low : BigInt(arc) * 128n + BigInt(low)
    start = octet < 0x80
    if (!start) continue
    arcs.push(arc)
    arc = 0
  }
  // X.690 8.19.4: the first number holds two arcs, of which the first is 0, 1 or 2.
  const joined = arcs[0] as number | bigint
  const root = joined < 40 ? 0 : joined < 80 ? 1 : 2
  const second = typeof joined === 'number' ? joined - root * 40 : joined - 80n
  return [root, second, ...arcs.slice(1)].join('.')
}

/** UTF-8 text. */
export function readUtf8(content: Uint8Array): string {
  try {
    return fromUtf8(content)
  } catch {
    throw new DerError('a string is not UTF-8')
  }
}

/** Text of visible ASCII characters and spaces. */
export function readAscii(content: Uint8Array): string {
  for (const octet of content) if (octet < 0x20 || octet > 0x7e) throw new DerError('a string is not visible ASCII')
  return fromUtf8(content)
}

/** A Time (RFC 5280 4.1.2.5) in milliseconds of the Unix epoch: always Zulu, always with seconds. */
export function readTime(element: DerElement): number {
  const text = readAscii(element.content)
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
  const yearDigits = element.tag === TAG.UTC_TIME ? 2 : element.tag === TAG.GENERALIZED_TIME ? 4 : 0
  if (match === null || match[1]?.length !== yearDigits) throw new DerError('a time is not in the form of RFC 5280')
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, ...number[]]
  // RFC 5280 4.1.2.5.1: two digits stand for 1950 to 2049.
  const fullYear = yearDigits === 4 ? year : year < 50 ? 2000 + year : 1900 + year
  const date = new Date(0)
  date.setUTCFullYear(fullYear, (month as number) - 1, day)
  date.setUTCHours(hour as number, minute, second)
  const real = date.toISOString().replace(/[-T:]|\.\d+/g, '')
  if (!real.endsWith(text)) throw new DerError('a time names no real moment')
  return date.getTime()
}

const hex = (octet: number): string => `0x${octet.toString(16).padStart(2, '0')}`
