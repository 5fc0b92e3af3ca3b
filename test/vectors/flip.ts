/** Spoils known answers, one bit at a time, so that a run which takes everything is found out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runVectorDocument, VECTOR_PROVIDERS } from '../../src/vectors/index.js'
import { loadVectors, vectorsFolder } from '../support/vectors.js'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }
type Place = readonly (string | number)[]

const HEX = /^(?:[0-9a-fA-F]{2})+$/

/** The failures of a document, by any provider. */
export async function failuresOf(document: unknown): Promise<string[]> {
  const runs = await runVectorDocument(document, 'a spoilt file', { providers: VECTOR_PROVIDERS })
  return runs.flatMap(({ failures }) => failures.map(({ message }) => message))
}

/** Sound, a document runs and passes. */
export async function expectSound(document: unknown): Promise<void> {
  const runs = await runVectorDocument(document, 'a sound file')
  expect(runs.flatMap(({ failures }) => failures)).toEqual([])
  expect(runs.some(({ passed }) => passed > 0)).toBe(true)
}

/** One case of a file with groups, the first of those that fit, in a document of its own. */
export function oneCase(file: string, fits: (test: JsonObject, group: JsonObject) => boolean = () => true): JsonObject {
  const document = loadVectors<JsonObject>(file)
  for (const group of document['testGroups'] as JsonObject[]) {
    const test = (group['tests'] as JsonObject[]).find((candidate) => fits(candidate, group))
    if (test !== undefined) return { ...document, testGroups: [{ ...group, tests: [test] }] }
  }
  throw new Error(`${file} has no such case`)
}

/** The same for a plain list. */
export function oneOf(file: string, list = 'tests', index = 0): JsonObject {
  const document = loadVectors<JsonObject>(file)
  return { ...document, [list]: [(document[list] as Json[])[index] as Json] }
}

export function readPemFile(file: string): string {
  return readFileSync(join(vectorsFolder() ?? '', file), 'latin1')
}

/** Every place in a document that holds octets in hex or a truth value. */
export function placesIn(value: Json, at: Place = []): Place[] {
  if (typeof value === 'boolean' || (typeof value === 'string' && HEX.test(value))) return [at]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => placesIn(part as Json, [...at, name]))
}

/** The document with one bit flipped at a place, or true for false. */
export function flipAt(value: Json, [name, ...rest]: Place): Json {
  if (name === undefined) return flip(value)
  if (Array.isArray(value)) return value.map((part, i) => (String(i) === String(name) ? flipAt(part, rest) : part))
  const holder = value as JsonObject
  return { ...holder, [name]: flipAt(holder[name] as Json, rest) }
}

function flip(value: Json): Json {
  if (typeof value === 'boolean') return !value
  const text = String(value)
  // A third of the way in, at the lower half of an octet: past lengths and types at the front, and before the halves of seeds that
  // need not matter (the z of ML-KEM, the lowest bits of an X25519 key).
  const at = Math.floor(text.length / 3) | 1
  const digit = Number.parseInt(text[at] as string, 16) ^ 1
  return `${text.slice(0, at)}${digit.toString(16)}${text.slice(at + 1)}`
}
