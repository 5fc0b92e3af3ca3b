/** From the paths that were named to the files below them. */
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface NamedPath {
  readonly path: string
  /** In the order of their names; hidden ones are left out. Null when there is nothing at the path. */
  readonly files: readonly string[] | null
}

export function findFiles(path: string): NamedPath {
  const kind = kindOf(path)
  if (kind === 'folder') return { path, files: filesBelow(path) }
  return { path, files: kind === 'file' ? [path] : null }
}

/** Links to files are followed, links to folders are not: they may lead back. */
function filesBelow(folder: string): string[] {
  const entries = entriesOf(folder)
  // Reading it as a file will say what is wrong.
  if (entries === null) return [folder]
  const shown = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1))
  return shown.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return kindOf(path) === 'file' ? [path] : []
  })
}

function entriesOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return null
  }
}

/** Other is what is not there, cannot be looked at, or is a socket or the like. */
function kindOf(path: string): 'file' | 'folder' | 'other' {
  try {
    const stats = statSync(path)
    if (stats.isFile()) return 'file'
    return stats.isDirectory() ? 'folder' : 'other'
  } catch {
    return 'other'
  }
}
