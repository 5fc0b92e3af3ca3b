/** Files that commands read and make. */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { TrefoilError } from '../errors.js'

export const PUBLIC_MODE = 0o644
/** For the owner alone. */
export const KEY_MODE = 0o600

export interface NewFile {
  readonly path: string
  readonly mode: number
  readonly text: string | Uint8Array
}

/**
 * All of them under temporary names first, so that neither a half file nor some without the others are left behind.
 * @throws TrefoilError ERR_INVALID_OPTION when one exists already and `force` is not given, or cannot be written
 */
export function writeNewFiles(files: readonly NewFile[], force: boolean): void {
  for (const { path } of files) refuseExisting(path, force)
  const drafts = files.map((file) => ({ ...file, draft: `${file.path}.${randomBytes(6).toString('hex')}.tmp` }))
  try {
    for (const { draft, mode, text } of drafts) writeDraft(draft, mode, text)
    for (const { draft, path } of drafts) renameSync(draft, path)
  } catch (error) {
    for (const { draft } of drafts) rmSync(draft, { force: true })
    const names = files.map(({ path }) => path).join(' and ')
    throw new TrefoilError('ERR_INVALID_OPTION', `${names} cannot be written: ${reason(error)}`)
  }
}

/** Also before the work that a file is for. @throws TrefoilError ERR_INVALID_OPTION unless `force` is given */
export function refuseExisting(path: string, force: boolean): void {
  if (force || !existsSync(path)) return
  throw new TrefoilError('ERR_INVALID_OPTION', `${path} exists already (--force overwrites it)`)
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${path} cannot be read: ${reason(error)}`)
  }
}

function writeDraft(path: string, mode: number, text: string | Uint8Array): void {
  const file = openSync(path, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
