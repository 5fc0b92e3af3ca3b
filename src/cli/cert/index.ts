/** `trefoil cert`: certificate authorities in files, certificates from them, and what others make of a certificate. */
import { Command } from 'commander'
import { addCa } from './ca.js'
import { addInspect } from './inspect.js'
import { addIntermediate } from './intermediate.js'
import { addIssue } from './issue.js'
import type { Print } from './options.js'
import { addRequest } from './request.js'
import { addSign } from './sign.js'
import { addVerify } from './verify.js'

/** The command with its subcommands; results go to `print` line by line, refusals are thrown as TrefoilError. */
export function certCommand(print: Print = (line) => process.stdout.write(`${line}\n`)): Command {
  const cert = new Command('cert').description('make, inspect and verify certificates, ML-DSA unless told otherwise')
  for (const add of [addCa, addIntermediate, addIssue, addRequest, addSign, addInspect, addVerify]) add(cert, print)
  return cert
}
