/** `trefoil trust verify`: would a key be accepted for a name, on whose word, and why did the others not count. */
import { Command, Option } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import {
  type EndorsementVerdict,
  formatFingerprint,
  keyId,
  loadEndorsements,
  loadPublicKey,
  parseFingerprint,
  verifyEndorsements,
} from '../../pki/index.js'
import { readFile } from '../files.js'
import { collect, parseCount } from '../optionParsers.js'
import type { Print } from './trust.js'

interface VerifyCommandOptions {
  readonly subject: string
  readonly name: string
  readonly introducer: readonly string[]
  readonly threshold: number
  readonly purpose: 'server' | 'client'
  readonly maxDepth?: number
  readonly revoked?: readonly string[]
  readonly json?: boolean
}

export function verifyCommand(print: Print): Command {
  return new Command('verify')
    .description('tell whether enough introducers vouch for a key; fails when they do not')
    .argument('<files...>', 'endorsements (PEM)')
    .requiredOption('--subject <file>', 'the public key in question (PEM)')
    .requiredOption('--name <name>', 'whom it is to be accepted as')
    .requiredOption('--introducer <file>', 'public key of a trusted introducer (PEM); give it again', collect)
    .requiredOption('--threshold <k>', 'how many introducers must vouch', parseCount)
    .addOption(new Option('--purpose <purpose>', 'as what').choices(['server', 'client']).default('server'))
    .option('--max-depth <number>', 'introduced introducers on a path, at most 8 (default: 1)', parseCount)
    .option('--revoked <file|fingerprint>', 'a key that counts no more; may be given again', collect)
    .option('--json', 'print machine-readable lines')
    .action((files: string[], options: VerifyCommandOptions) => run(files, options, print))
}

function run(files: readonly string[], options: VerifyCommandOptions, print: Print): void {
  const { name, threshold, purpose, maxDepth, json = false } = options
  const verdict = verifyEndorsements({
    subject: loadPublicKey(readFile(options.subject)),
    name,
    purpose,
    introducers: options.introducer.map((file) => loadPublicKey(readFile(file))),
    threshold,
    endorsements: files.flatMap((file) => loadEndorsements(readFile(file))),
    maxDepth,
    revoked: (options.revoked ?? []).map((text) => parseFingerprint(text) ?? keyId(loadPublicKey(readFile(text)))),
    time: Date.now(),
    crypto: defaultProvider(),
  })
  if (json) print(JSON.stringify({ event: 'verdict', ...describeVerdict(verdict) }))
  else for (const line of readable(verdict)) print(line)
  if (verdict.accepted) return
  const why = verdict.revoked
    ? 'the key is revoked'
    : `${verdict.paths.length} of the ${threshold} introducers vouch for it`
  throw new TrefoilError('ERR_UNTRUSTED_KEY', `the key is not accepted as ${name}: ${why}`)
}

function describeVerdict({ accepted, revoked, paths, faults }: EndorsementVerdict) {
  return {
    accepted,
    revoked,
    paths,
    faults: faults.map(({ endorsement, fault }) => ({ fault, endorser: formatFingerprint(endorsement.endorserId) })),
  }
}

function readable({ accepted, paths, faults }: EndorsementVerdict): string[] {
  return [
    accepted ? 'accepted' : 'not accepted',
    ...paths.map((path) => `vouched for by ${path.join(', who introduced ')}`),
    ...faults.map(({ endorsement, fault }) => `not counted: ${formatFingerprint(endorsement.endorserId)} (${fault})`),
  ]
}
