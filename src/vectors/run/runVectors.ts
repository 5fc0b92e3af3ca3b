/** Runs all files below some paths. */
import { TrefoilError } from '../../errors.js'
import { describeThrown } from '../check/outcome.js'
import { findFiles } from './findFiles.js'
import { readDocument } from './readDocument.js'
import type { PathWithoutVectors, VectorReport, VectorRun } from './report.js'
import { failedFile, type RunVectorsOptions, runVectorDocument, skippedFile, told } from './runDocument.js'

/**
 * Runs every case of every file below the paths through every provider. Folders are walked in the order of their names,
 * hidden files left out. What a file holds is told from its contents.
 * @throws TrefoilError ERR_INVALID_OPTION when no path is given, ERR_ABORTED
 */
export async function runVectors(paths: readonly string[], options: RunVectorsOptions = {}): Promise<VectorReport> {
  if (paths.length === 0) throw new TrefoilError('ERR_INVALID_OPTION', 'there is no path to run vectors of')
  const runsOfFiles = new Map<string, readonly VectorRun[]>()
  const withoutVectors: PathWithoutVectors[] = []
  for (const { path, files } of paths.map(findFiles)) {
    for (const file of files ?? []) {
      if (!runsOfFiles.has(file)) runsOfFiles.set(file, await runFile(file, options))
    }
    const reason = whyWithout(files?.map((file) => runsOfFiles.get(file) ?? []) ?? null)
    if (reason !== null) withoutVectors.push({ path, reason, missing: files === null })
  }
  const runs = [...runsOfFiles.values()].flat()
  const sum = (what: 'passed' | 'failed' | 'skipped') => runs.reduce((total, run) => total + run[what], 0)
  const counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  return { files: runsOfFiles.size, ...counts, runs, withoutVectors }
}

async function runFile(path: string, options: RunVectorsOptions): Promise<readonly VectorRun[]> {
  let read: ReturnType<typeof readDocument>
  try {
    read = readDocument(path)
  } catch (thrown) {
    return [told(failedFile(path, describeThrown(thrown)), options)]
  }
  if ('unknown' in read) return [told(skippedFile(path, read.unknown), options)]
  return runVectorDocument(read.document, path, options)
}

/** Null when a case was run; a file that is at fault as a whole has been told as failed. */
function whyWithout(files: readonly (readonly VectorRun[])[] | null): string | null {
  if (files === null) return 'there is no file and no folder of this name'
  const runs = files.flat()
  if (runs.some(({ passed, failed }) => passed + failed > 0)) return null
  const [first] = runs
  if (first === undefined) return 'there is no file in it'
  const reasons = [...new Set(runs.flatMap(({ skips }) => skips.map(({ reason }) => reason)))]
  return `nothing could be run: ${reasons.slice(0, 3).join('; ')}${reasons.length > 3 ? '; …' : ''}`
}
