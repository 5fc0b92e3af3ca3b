/**
 * Known-answer files. They are not part of this repository: TREFOIL_VECTORS names their folder, else it is looked for
 * beside the checkout. Without it the suites that need it say so and are skipped.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.js'
import { VECTOR_SOURCES } from '../../src/vectors/index.js'

const BESIDE_THE_CHECKOUT = fileURLToPath(new URL('../../../shared/vectors', import.meta.url))

/** A clone alone has no such folder: this is where its files come from. */
const NOT_HERE = `no folder of known-answer files here; public ones: ${VECTOR_SOURCES.map(({ url }) => url).join(', ')}`

/** The folder, or null when there is none. */
export function vectorsFolder(): string | null {
  const folder = process.env['TREFOIL_VECTORS'] ?? BESIDE_THE_CHECKOUT
  return existsSync(folder) ? folder : null
}

/** One file of the folder, by its path there, as the caller knows it to be. */
export function loadVectors<T>(path: string): T {
  const folder = vectorsFolder()
  if (folder === null) throw new Error(`the known-answer file ${path} is not here`)
  return JSON.parse(readFileSync(join(folder, path), 'utf8')) as T
}

/** A suite that needs the folder. `define` runs only when it is there, so it may load files at once. */
export function describeVectors(title: string, define: () => void): void {
  if (vectorsFolder() === null) {
    describe(title, () => {
      it('runs the known-answer files', (context) => context.skip(NOT_HERE))
    })
  } else {
    describe(title, define)
  }
}

/** Compares octets with the hex of a vector, without regard to case. */
export function isHex(octets: Uint8Array, hex: string): boolean {
  return toHex(octets) === hex.toLowerCase()
}

export { fromHex as hex }
