/** `--qkd-bootstrap FILE`: the register of peers that have proved who they are, kept between runs of a command. */
import { existsSync } from 'node:fs'
import { TrefoilError } from '../errors.js'
import { type BootstrapEntry, QkdBootstrap } from '../node/psk/index.js'
import { KEY_MODE, readFile, writeNewFiles } from './files.js'

/**
 * JSON without secrets, readable and writable for its owner alone: whoever can write it can let a peer skip the
 * certificate. A file that is not there is an empty register. While a command runs, its memory counts and not the file.
 * @throws TrefoilError ERR_INVALID_OPTION when the file cannot be read, written or understood
 */
export function openBootstrapFile(path: string): QkdBootstrap {
  const bootstrap = new QkdBootstrap({ entries: read(path), onChange: (entries) => write(path, entries) })
  // Found out now, and not after the first handshake.
  write(path, bootstrap.entries)
  return bootstrap
}

function read(path: string): BootstrapEntry[] {
  if (!existsSync(path)) return []
  const entries = parse(readFile(path).toString())
  if (Array.isArray(entries)) return entries
  throw new TrefoilError('ERR_INVALID_OPTION', `${path} holds no bootstrap register`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function write(path: string, entries: readonly BootstrapEntry[]): void {
  writeNewFiles([{ path, mode: KEY_MODE, text: `${JSON.stringify(entries, null, 2)}\n` }], true)
}
