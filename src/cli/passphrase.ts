/** Passphrases of encrypted private keys, from files: on a command line others could read them. */
import type { Command } from 'commander'
import { readFile } from './files.js'

export interface PassphraseOptions {
  readonly passphraseFile?: string
}

/** @param what the key, by the option that names it */
export function addPassphraseOption(command: Command, what: string): Command {
  return command.option('--passphrase-file <file>', `what opens ${what}, where it is encrypted`)
}

/**
 * The octets of the file but for one line end behind them; undefined without a file.
 * @throws TrefoilError ERR_INVALID_OPTION for a file that cannot be read
 */
export function readPassphrase({ passphraseFile }: PassphraseOptions): Buffer | undefined {
  if (passphraseFile === undefined) return undefined
  const octets = readFile(passphraseFile)
  const lineEnd = octets.at(-1) !== 0x0a ? 0 : octets.at(-2) === 0x0d ? 2 : 1
  return octets.subarray(0, octets.length - lineEnd)
}
