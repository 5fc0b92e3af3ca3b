/** `trefoil keyfile`: files of pre-shared keys for two sites, and a look into one that shows no key. */
import { randomBytes } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { createKeyFiles, inspectKeyFile, type KeyFileReport } from '../qkd/index.js'
import { printer } from './output.js'

interface CreateOptions {
  readonly sae: string
  readonly peerSae: string
  readonly count: number
  readonly size: number
  readonly initiator: 'both' | 'sae' | 'peer-sae'
  readonly out: string
  readonly json?: boolean
}

export function keyFileCommand(): Command {
  const command = new Command('keyfile').description('make and inspect files of pre-shared keys')

  command
    .command('create')
    .description('make the files of two sites out of fresh random keys: PREFIX.sae.keys and PREFIX.peer-sae.keys')
    .requiredOption('--sae <id>', 'SAE ID of one site')
    .requiredOption('--peer-sae <id>', 'SAE ID of the other site')
    .requiredOption('--count <number>', 'how many keys', parseCount)
    .option('--size <bits>', 'size of a key', parseCount, 256)
    .addOption(
      new Option('--initiator <which>', 'who starts handshakes; both have half of the keys for that')
        .choices(['both', 'sae', 'peer-sae'])
        .default('both'),
    )
    .requiredOption('--out <prefix>', 'where to write')
    .option('--json', 'print machine-readable lines')
    .action(create)

  command
    .command('inspect')
    .description('check every record of a file and show the counts')
    .argument('<file>', 'a key file')
    .option('--json', 'print machine-readable lines')
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      const report = await inspectKeyFile(file)
      printer(json)({ event: 'key-file', file, ...report }, readable(report))
    })

  return command
}

async function create({ sae, peerSae, count, size, initiator, out, json = false }: CreateOptions): Promise<void> {
  const files = [`${out}.sae.keys`, `${out}.peer-sae.keys`] as const
  await createKeyFiles({
    sites: [
      { saeId: sae, path: files[0] },
      { saeId: peerSae, path: files[1] },
    ],
    count,
    keySize: size,
    ...(initiator === 'both' ? {} : { initiator: initiator === 'sae' ? sae : peerSae }),
    random: (length) => randomBytes(length),
  })
  const text = [
    `wrote ${files[0]} for ${sae} and ${files[1]} for ${peerSae}: ${count} keys of ${size} bits`,
    'Carry the second to its site, delete it here, and restore neither from a backup: used keys would come back.',
  ]
  printer(json)({ event: 'created', files, count, keySize: size }, text.join('\n'))
}

function readable({ localSaeId, peerSaeId, keySize, count, own, peer }: KeyFileReport): string {
  const states = ({ unused, used, damaged }: KeyFileReport['own']): string =>
    `${unused} unused, ${used} used${damaged === 0 ? '' : `, ${damaged} damaged`}`
  return [
    `copy of          ${localSaeId}`,
    `shared with      ${peerSaeId}`,
    `keys             ${count} of ${keySize} bits`,
    `started by us    ${states(own)}`,
    `started by peer  ${states(peer)}`,
  ].join('\n')
}

function parseCount(text: string): number {
  const number = Number(text)
  if (!/^\d{1,9}$/.test(text) || number < 1) throw new InvalidArgumentError('A whole number above 0 is needed.')
  return number
}
