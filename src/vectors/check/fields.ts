/**
 * Reading known-answer files, whose authors add, leave out and rename fields as they like: nothing is taken for granted, and
 * what a case needs but does not have is said by its name.
 */
import { fromHex } from '../../bytes.js'

export type JsonObject = { readonly [name: string]: unknown }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of a list, or none when there is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The fields of one object, with those of the group around it behind them. */
export class Fields {
  readonly #own: JsonObject
  readonly #shared: JsonObject

  constructor(own: JsonObject, shared: JsonObject = {}) {
    this.#own = own
    this.#shared = shared
  }

  /** A field that is null is not there. */
  get(name: string): unknown {
    const own = Object.hasOwn(this.#own, name) ? this.#own[name] : undefined
    const shared = Object.hasOwn(this.#shared, name) ? this.#shared[name] : undefined
    return own ?? shared ?? undefined
  }

  has(...names: readonly string[]): boolean {
    return names.every((name) => this.get(name) !== undefined)
  }

  optionalText(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw new Error(`the field ${name} is no text`)
  }

  text(name: string): string {
    return this.optionalText(name) ?? missing(name)
  }

  optionalOctets(name: string): Uint8Array | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    try {
      return fromHex(text)
    } catch {
      throw new Error(`the field ${name} is not in hex`)
    }
  }

  octets(name: string): Uint8Array {
    return this.optionalOctets(name) ?? missing(name)
  }

  number(name: string): number {
    const value = this.get(name) ?? missing(name)
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw new Error(`the field ${name} is no whole number`)
  }

  flag(name: string): boolean {
    const value = this.get(name) ?? missing(name)
    if (typeof value === 'boolean') return value
    throw new Error(`the field ${name} is neither true nor false`)
  }

  texts(name: string): readonly string[] {
    const value = this.get(name)
    return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : []
  }
}

function missing(name: string): never {
  throw new Error(`the field ${name} is missing`)
}

/** One case of an ACVP or Wycheproof file, with what its group says. */
export interface GroupedTest {
  readonly id: string
  readonly fields: Fields
}

/** @throws Error when there are no groups, or a group has no cases */
export function groupedTests(document: JsonObject): readonly GroupedTest[] {
  return listOf(document, 'testGroups').flatMap((group) =>
    listOf(group, 'tests').map((test, index) => ({ id: testId(test, index), fields: new Fields(test, group) })),
  )
}

/** The objects of a list that must be there. @throws Error when it is not, or holds something else */
export function listOf(holder: JsonObject, name: string): readonly JsonObject[] {
  const list = holder[name]
  if (!Array.isArray(list)) throw new Error(`the document has no list ${name}`)
  return list.map((member) => {
    if (!isObject(member)) throw new Error(`the list ${name} holds something that is no object`)
    return member
  })
}

export function testId({ tcId }: JsonObject, index: number): string {
  return typeof tcId === 'number' || typeof tcId === 'string' ? `tcId ${tcId}` : `case ${index + 1}`
}
