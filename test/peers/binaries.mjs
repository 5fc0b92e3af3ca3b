// Where the peer binaries are. Used by the tests and by the repository's scripts.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder with the lock file of the peers. */
export const peersFolder = dirname(fileURLToPath(import.meta.url))

/** The major versions that are installed beside the running Node. */
export const peerMajors = Object.freeze([24, 26])

/** The alias under which a peer stands in package.json, for this machine. */
export function peerAlias(major) {
  return `node${major}-${process.platform}-${process.arch}`
}

/** The path of a peer's binary, or null when it is not installed (or not to be had for this machine). */
export function peerBinary(major) {
  const binary = join(peersFolder, 'node_modules', peerAlias(major), 'bin/node')
  return existsSync(binary) ? binary : null
}
