/** Runs shared known-answer files as `trefoil vectors` does, one test a file. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runVectors, type VectorRun } from '../../src/vectors/index.js'
import { loadVectors, vectorsFolder } from '../support/vectors.js'

/** What is skipped for another reason than that the providers are the same code, by the counts that the whole folder has. */
type ExpectedSkips = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Milliseconds: noble takes seconds to sign the cases that need many steps, and more on a busy machine. */
const TIME_LIMIT = 180_000

const SAME_CODE = ['run by code of noble on every Node', 'same code as noble on this Node']

/** All files of a folder, by their paths below the shared one. */
export function filesIn(folder: string, matching = /(?:)/): string[] {
  const names = readdirSync(join(vectorsFolder() ?? '', folder), { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(vectorsFolder() ?? '', '/').length))
    .filter((path) => matching.test(path))
    .sort()
}

/** @param skips by file; what is not there is skipped nowhere */
export function itRuns(files: readonly string[], skips: ExpectedSkips = {}): void {
  it.each(files)(
    '%s',
    async (file) => {
      const report = await runVectors([join(vectorsFolder() ?? '', file)])
      expect(report.files).toBe(1)
      expect(report.runs.map(({ provider }) => provider)).toEqual(['noble', 'node'])
      expect(report.runs.flatMap(({ failures }) => failures)).toEqual([])
      const [noble, node] = report.runs as [VectorRun, VectorRun]
      expect(reasonsOf(noble)).toEqual(skips[file] ?? {})
      // Each case was run, skipped for the same reason as with noble, or would have been run by the same code.
      const others = Object.entries(reasonsOf(node)).filter(([reason]) => !SAME_CODE.includes(reason))
      for (const [reason, count] of others) expect(skips[file]?.[reason]).toBeGreaterThanOrEqual(count)
      for (const run of report.runs)
        expect(run.passed + run.skipped).toBe(countOf(file) ?? noble.passed + noble.skipped)
    },
    TIME_LIMIT,
  )
}

function reasonsOf({ skips }: VectorRun): Record<string, number> {
  return Object.fromEntries(skips.map(({ reason, count }) => [reason, count]))
}

/** The cases of a file with groups, counted without help of the code under test. */
function countOf(file: string): number | null {
  if (!file.endsWith('.json')) return null
  const { testGroups } = loadVectors<{ testGroups?: { tests: unknown[] }[] }>(file)
  return testGroups?.reduce((sum, { tests }) => sum + tests.length, 0) ?? null
}
