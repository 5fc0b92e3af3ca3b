/**
 * Clean-up at the end of each test file. A worker loads a module of support once and runs many test files with it, so a
 * hook at the top of that module would belong to the first of them alone; what it registers here runs after each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const cleanUps: (() => unknown)[] = []

/** Runs `cleanUp` at the end of every test file from now on; it must leave its module as it was when it was loaded. */
export function atEndOfFile(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp)
}

/** A folder that is made when a test file first asks for it, and goes when that file ends. */
export function folderOfFile(prefix: string): () => string {
  let folder: string | undefined
  atEndOfFile(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    folder = undefined
  })
  return () => {
    folder ??= mkdtempSync(join(tmpdir(), prefix))
    return folder
  }
}

export async function endFile(): Promise<void> {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()))
}
