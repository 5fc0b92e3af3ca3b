/** `--qkd-bootstrap FILE`: the register of peers that have proved who they are, kept between runs of a command. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { TrefoilError } from '../errors.js'
import { type BootstrapEntry, QkdBootstrap } from '../node/psk/index.js'

/**
 * JSON without secrets, readable and writable for its owner alone: whoever can write it can let a peer skip the
 * certificate. A file that is not there is an empty register.
 * @throws TrefoilError ERR_INVALID_OPTION when the file cannot be read, written or understood
 */
export function openBootstrapFile(path: string): QkdBootstrap {
  const bootstrap = new QkdBootstrap({
    entries: read(path),
    onChange(entries) {
      try {
        write(path, entries)
      } catch (error) {
        // The session stands; only the next run will ask for the certificate again.
        process.stderr.write(`trefoil: ${(error as Error).message}\n`)
      }
    },
  })
  // Found out now, and not after the first handshake.
  write(path, bootstrap.entries)
  return bootstrap
}

function read(path: string): BootstrapEntry[] {
  if (!existsSync(path)) return []
  try {
    const entries: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (Array.isArray(entries)) return entries
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', `cannot read ${path}`, { cause })
  }
  throw new TrefoilError('ERR_INVALID_OPTION', `${path} holds no bootstrap register`)
}

/** By way of a second file, so that a crash leaves the old register or the new one. */
function write(path: string, entries: readonly BootstrapEntry[]): void {
  try {
    const next = `${path}.${process.pid}.new`
    writeFileSync(next, `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600 })
    renameSync(next, path)
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', `cannot write ${path}`, { cause })
  }
}
