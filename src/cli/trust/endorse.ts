/** `trefoil trust endorse`: signs that a key belongs to a name. */
import { Command, InvalidArgumentError } from 'commander'
import { defaultProvider } from '../../crypto/index.js'
import { endorse, loadPrivateKey, loadPublicKey, writeEndorsementPem } from '../../pki/index.js'
import { PUBLIC_MODE, readFile, writeNewFiles } from '../files.js'
import { parseCount, parseDays } from '../optionParsers.js'
import { addPassphraseOption, type PassphraseOptions, readPassphrase } from '../passphrase.js'
import { describeEndorsement } from './describe.js'
import type { Print } from './trust.js'

type PeerPurpose = 'server' | 'client'

interface EndorseCommandOptions extends PassphraseOptions {
  readonly key: string
  readonly subject: string
  readonly name: string
  readonly days: number
  readonly purpose?: readonly PeerPurpose[]
  readonly depth?: number
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

const MILLISECONDS_PER_DAY = 86_400_000

export function endorseCommand(print: Print): Command {
  const command = new Command('endorse')
    .description("sign that a key belongs to a name; look at the key's fingerprint first, by another way")
    .requiredOption('--key <file>', "the endorser's private key, ML-DSA (PEM)")
    .requiredOption('--subject <file>', 'the public key that is endorsed (PEM)')
    .requiredOption('--name <name>', 'host name, IP address, or name of a client')
    .requiredOption('--days <number>', 'days of validity, from now', parseDays)
    .option('--purpose <list>', 'server, client or both (the default)', parsePurposes)
    .option('--depth <number>', 'make it an introducer instead: 1 lets it endorse peers, 2 introducers too', parseCount)
    .requiredOption('--out <file>', 'where to write')
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print machine-readable lines')
  return addPassphraseOption(command, '--key').action((options: EndorseCommandOptions) => {
    if (options.depth !== undefined && options.purpose !== undefined) {
      command.error("error: '--depth' and '--purpose' exclude each other")
    }
    run(options, print)
  })
}

function run({ subject, name, purpose, depth, days, ...options }: EndorseCommandOptions, print: Print): void {
  const now = Date.now()
  const endorser = loadPrivateKey(readFile(options.key), defaultProvider(), { passphrase: readPassphrase(options) })
  try {
    const endorsement = endorse({
      endorser,
      subject: loadPublicKey(readFile(subject)),
      name,
      purposes: purpose,
      depth,
      notBefore: now,
      notAfter: now + days * MILLISECONDS_PER_DAY,
    })
    const text = writeEndorsementPem(endorsement)
    writeNewFiles([{ path: options.out, mode: PUBLIC_MODE, text }], options.force === true)
    const description = describeEndorsement(endorsement)
    if (options.json) print(JSON.stringify({ event: 'endorsement', file: options.out, ...description }))
    else print(`wrote ${options.out}: ${description.subject} is ${description.name} until ${description.notAfter}`)
  } finally {
    endorser.wipe()
  }
}

function parsePurposes(text: string): PeerPurpose[] {
  const isPurpose = (item: string): item is PeerPurpose => item === 'server' || item === 'client'
  const items = text.split(',').map((item) => item.trim())
  const purposes = items.filter(isPurpose)
  if (purposes.length !== items.length) throw new InvalidArgumentError('Only server and client are known.')
  return purposes
}
