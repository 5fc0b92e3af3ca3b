/** The published files, and how they are run. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { remembering } from '../../../scripts/lib/vectors/remembering.mjs'
import type { CryptoProvider } from '../../../src/crypto/index.js'
import { ownFormats } from '../../../src/vectors/own/index.js'
import type { TraceFile } from '../../../src/vectors/own/trace.js'
import { PROVIDERS } from '../../support/providers.js'

export const folder = fileURLToPath(new URL('../../../vectors', import.meta.url))

export interface VectorFile {
  readonly name: string
  readonly document: unknown
}

// What strict mode asks beyond JSON Schema is said elsewhere in it: types, and which names are required.
const schema = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(
  read('schema.json') as object,
)

/** By vectors/schema.json. */
export function isValid(document: unknown): boolean {
  return schema(document)
}

/** Why the last one was not. */
export const faults = () => schema.errors
export const importerFile: VectorFile = { name: 'importer.json', document: read('importer.json') }
/** The traces, fresh for each caller: some spoil them. */
export const traceFiles = (): { readonly name: string; readonly document: TraceFile }[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !['schema.json', 'importer.json'].includes(name))
    .map((name) => ({ name, document: read(name) as TraceFile }))

export function read(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

/** Whose dear operations are done once for each input. */
export const RUNNERS: readonly CryptoProvider[] = PROVIDERS.map(remembering)

/** What fails of a document, or throws, case by case; the first alone where that is all that is asked. */
export async function failuresOf(document: unknown, crypto: CryptoProvider, onlyFirst = false): Promise<string[]> {
  const format = ownFormats.find((candidate) => candidate.recognises(document))
  if (format === undefined) return ['no format knows it']
  const failures: string[] = []
  for (const { id, run } of format.cases(document)) {
    if (onlyFirst && failures.length > 0) break
    try {
      const outcome = await run(crypto)
      if (!('passed' in outcome)) failures.push(`${id}: ${JSON.stringify(outcome)}`)
    } catch (error) {
      failures.push(`${id}: ${String(error)}`)
    }
  }
  return failures
}
