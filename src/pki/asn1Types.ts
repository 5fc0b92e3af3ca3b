/** How types are declared to the ASN.1 library, and two basic types that lose nothing of what stands in the input. */
import { AsnArray, AsnProp, AsnType, AsnTypeTypes, type IAsnConvertible } from '@peculiar/asn1-schema'
import * as asn1js from 'asn1js'

type Type = new () => object
type Field = Parameters<typeof AsnProp>[0]
/** Fields by name, in the order of the encoding. */
type Fields<T extends Type> = { readonly [Name in keyof InstanceType<T> & string]?: Field }

export function declareSequence<T extends Type>(type: T, fields: Fields<T>): void {
  AsnType({ type: AsnTypeTypes.Sequence })(type)
  declareFields(type, fields)
}

export function declareChoice<T extends Type>(type: T, alternatives: Fields<T>): void {
  AsnType({ type: AsnTypeTypes.Choice })(type)
  declareFields(type, alternatives)
}

export function declareList(type: Type, kind: 'sequence' | 'set', itemType: Type): void {
  AsnType({ type: kind === 'set' ? AsnTypeTypes.Set : AsnTypeTypes.Sequence, itemType })(type)
}

function declareFields(type: Type, fields: { readonly [name: string]: Field | undefined }): void {
  for (const [name, field] of Object.entries(fields)) if (field !== undefined) AsnProp(field)(type.prototype, name)
}

/**
 * Any one element as it stands. The library's own ANY is read once more when it is written, with no bounds and with
 * guesses at what strings of octets may hold.
 */
export class Element implements IAsnConvertible<asn1js.BaseBlock> {
  block: asn1js.BaseBlock = new asn1js.Null()

  /** Tag, length and content. */
  get encoding(): Uint8Array {
    return this.block.valueBeforeDecodeView
  }

  get content(): Uint8Array {
    return this.encoding.subarray(this.block.idBlock.blockLength + this.block.lenBlock.blockLength)
  }

  /** The tag's octet: tag numbers above 30 do not get this far. */
  get tag(): number {
    return this.encoding[0] as number
  }

  fromASN(block: asn1js.BaseBlock): this {
    this.block = block
    return this
  }

  toASN(): asn1js.BaseBlock {
    return this.block
  }

  toSchema(name: string): asn1js.BaseBlock {
    // The library's own types do not say that ANY may stand in a schema.
    return new asn1js.Any({ name }) as asn1js.BaseBlock
  }
}

/** Any elements side by side. */
export class ElementList extends AsnArray<Element> {}
declareList(ElementList, 'sequence', Element)

/**
 * An OBJECT IDENTIFIER in dotted form, with arcs of any size: 128 bits are in use (2.25), the library's own type keeps
 * 53 of them.
 */
export class ObjectIdentifier implements IAsnConvertible<asn1js.ObjectIdentifier> {
  text = ''

  fromASN(block: asn1js.ObjectIdentifier): this {
    const [root, ...arcs] = block.valueBlock.value
    if (root === undefined) throw new Error('an OBJECT IDENTIFIER is empty')
    const written = arcs.map((arc) => arc.valueHexView.reduce((value, octet) => value * 128n + BigInt(octet), 0n))
    this.text = [root.toString(), ...written].join('.')
    return this
  }

  toASN(): asn1js.ObjectIdentifier {
    return new asn1js.ObjectIdentifier({ value: this.text })
  }

  toSchema(name: string): asn1js.BaseBlock {
    return new asn1js.ObjectIdentifier({ name })
  }
}
