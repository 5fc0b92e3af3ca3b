/** Reads one file: JSON becomes its value, PEM stays text. */
import { readFileSync, statSync } from 'node:fs'

/** Octets. The largest published file has some 20 MB. */
const LARGEST = 64 * 1024 * 1024

export type ReadDocument = { readonly document: unknown } | { readonly unknown: string }

/** @throws Error when it cannot be read, is too large, or starts as JSON but is none */
export function readDocument(path: string): ReadDocument {
  const { size } = statSync(path)
  if (size > LARGEST) throw new Error(`the file has ${size} octets, more than the ${LARGEST} that are read`)
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  if (/^\s*[[{]/.test(text)) return { document: parse(text) }
  return text.includes('-----BEGIN ') ? { document: text } : { unknown: 'neither JSON nor PEM' }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`the file is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
