/**
 * Known-answer files. They are not part of this repository: TREFOIL_VECTORS names their folder, else it is looked for
 * beside the checkout. Without it the suites that need it say so and are skipped.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.js'

const BESIDE_THE_CHECKOUT = fileURLToPath(new URL('../../../shared/vectors', import.meta.url))

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
      it('runs the known-answer files', (context) => context.skip('no folder of known-answer files here'))
    })
  } else {
    describe(title, define)
  }
}

/** ACVP and Wycheproof files: groups of cases, of which each group carries what its cases share. */
export interface GroupedVectors<Group, Case> {
  readonly testGroups: readonly (Group & { readonly tests: readonly (Case & { readonly tcId: number })[] })[]
}

export type GroupedCase<Group, Case> = Case & { readonly tcId: number; readonly group: Group }

/** All cases of such a file, each with its group. */
export function loadCases<Group, Case>(path: string): GroupedCase<Group, Case>[] {
  const { testGroups } = loadVectors<GroupedVectors<Group, Case>>(path)
  return testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, group })))
}

/** The cases for which `holds` is not true, by id and with the error if it threw: compare with []. */
export function failing<Case extends { readonly tcId: number }>(
  cases: readonly Case[],
  holds: (test: Case) => boolean,
): string[] {
  if (cases.length === 0) return ['no cases at all']
  const failures: string[] = []
  for (const test of cases) {
    try {
      if (!holds(test)) failures.push(`tcId ${test.tcId}`)
    } catch (error) {
      failures.push(`tcId ${test.tcId}: ${String(error)}`)
    }
  }
  return failures
}

/** Reports cases that our interface has no room for, with the reason, so that none vanishes unseen. */
export function skipCases(cases: readonly unknown[], reason: string): void {
  if (cases.length > 0) it(`${cases.length} cases`, (context) => context.skip(reason))
}

/** Compares octets with the hex of a vector, without regard to case. */
export function isHex(octets: Uint8Array, hex: string): boolean {
  return toHex(octets) === hex.toLowerCase()
}

export { fromHex as hex }
