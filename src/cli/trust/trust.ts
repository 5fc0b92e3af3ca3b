/** `trefoil trust`: raw key pairs, endorsements of keys, and whether they are enough. See docs/web-of-trust.md. */
import { Command } from 'commander'
import { endorseCommand } from './endorse.js'
import { inspectCommand } from './inspect.js'
import { keyCommand } from './key.js'
import { verifyCommand } from './verify.js'

/** Takes a line of a result. */
export type Print = (line: string) => void

/** The command with its subcommands; results go to `print` line by line, refusals are thrown as TrefoilError. */
export function trustCommand(print: Print = (line) => process.stdout.write(`${line}\n`)): Command {
  const trust = new Command('trust').description('raw public keys, and who vouches for them')
  for (const make of [keyCommand, endorseCommand, inspectCommand, verifyCommand]) trust.addCommand(make(print))
  return trust
}
