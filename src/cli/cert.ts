/** `trefoil cert`: a certificate authority in files, certificates from it, and a readable view of any. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { defaultProvider } from '../crypto/index.js'
import {
  type CertificateDescription,
  type CertificateUsage,
  type CertifiedKey,
  createCertificateAuthority,
  describeCertificate,
  type IssuedAlgorithm,
  issueCertificate,
  loadCertificates,
  loadCertifiedKey,
} from '../pki/index.js'
import { KEY_MODE, PUBLIC_MODE, readFile, writeNewFiles } from './files.js'
import { parseDays } from './optionParsers.js'

interface OutputOptions {
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

interface CaOptions extends OutputOptions {
  readonly name: string
  readonly algorithm: IssuedAlgorithm
  readonly days?: number
}

interface IssueOptions extends OutputOptions {
  readonly ca: string
  readonly san?: readonly string[]
  readonly name?: string
  readonly algorithm: IssuedAlgorithm
  readonly days?: number
  readonly usage: readonly CertificateUsage[]
}

const ALGORITHMS: readonly IssuedAlgorithm[] = ['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519']
const USAGES: readonly CertificateUsage[] = ['server', 'client']

/** The command with its three subcommands; results go to `print` line by line, refusals are thrown as TrefoilError. */
export function certCommand(print: (line: string) => void = (line) => process.stdout.write(`${line}\n`)): Command {
  const cert = new Command('cert').description('make and inspect certificates, ML-DSA unless told otherwise')

  cert
    .command('ca')
    .description('make a certificate authority: PREFIX.pem and PREFIX.key')
    .requiredOption('--name <name>', 'common name')
    .requiredOption('--out <prefix>', 'where to write')
    .addOption(algorithmOption())
    .option('--days <number>', 'days of validity (default: 3650)', parseDays)
    .option('--force', 'overwrite existing files')
    .option('--json', 'print machine-readable lines')
    .action((options: CaOptions) => {
      const { name: commonName, algorithm, days } = options
      write(options, createCertificateAuthority({ commonName, algorithm, days, crypto: defaultProvider() }), print)
    })

  cert
    .command('issue')
    .description('issue a certificate: PREFIX.pem (with the intermediates) and PREFIX.key')
    .requiredOption('--ca <prefix>', 'the authority: reads PREFIX.pem and PREFIX.key')
    .requiredOption('--out <prefix>', 'where to write')
    .option('--san <names>', 'alternative names: host names, IP addresses, URI:..., comma-separated', splitList)
    .option('--name <name>', 'common name (default: the first alternative name)')
    .addOption(algorithmOption())
    .option('--days <number>', 'days of validity (default: 365, at most as long as the authority)', parseDays)
    .option('--usage <list>', 'server, client or both', parseUsage, USAGES)
    .option('--force', 'overwrite existing files')
    .option('--json', 'print machine-readable lines')
    .action((options: IssueOptions, command: Command) => {
      if (options.san === undefined && options.name === undefined) {
        command.error("error: one of '--san <names>' and '--name <name>' must be given")
      }
      const crypto = defaultProvider()
      const ca = loadCertifiedKey(read(`${options.ca}.pem`), read(`${options.ca}.key`), crypto)
      const { name: commonName, san: subjectAltNames, algorithm, days, usage } = options
      write(options, issueCertificate({ ca, commonName, subjectAltNames, algorithm, days, usage, crypto }), print)
    })

  cert
    .command('inspect')
    .description('show the certificates in a file')
    .argument('<file>', 'PEM or DER')
    .option('--json', 'print machine-readable lines')
    .action((file: string, { json }: { json?: boolean }) => {
      for (const description of loadCertificates(readFile(file)).map(describeCertificate)) {
        if (json) print(JSON.stringify({ event: 'certificate', ...description }))
        else for (const line of readable(description)) print(line)
      }
    })

  return cert
}

function algorithmOption(): Option {
  return new Option('--algorithm <name>', 'kind of key').choices(ALGORITHMS).default('mldsa65')
}

function parseUsage(text: string): CertificateUsage[] {
  const isUsage = (item: string): item is CertificateUsage => USAGES.some((usage) => usage === item)
  const items = splitList(text)
  const usages = items.filter(isUsage)
  if (usages.length !== items.length) throw new InvalidArgumentError('Only server and client are known.')
  return usages
}

/** Adds to what an earlier use of the option gave. */
function splitList(text: string, earlier?: unknown): string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.includes('')) throw new InvalidArgumentError('An item of the list is empty.')
  return Array.isArray(earlier) ? [...earlier, ...items] : items
}

function write({ out, force = false, json = false }: OutputOptions, made: CertifiedKey, print: (line: string) => void) {
  const paths = { certificate: `${out}.pem`, key: `${out}.key` }
  writeNewFiles(
    [
      { path: paths.key, mode: KEY_MODE, text: made.privateKeyPem },
      { path: paths.certificate, mode: PUBLIC_MODE, text: made.certificatePem },
    ],
    force,
  )
  if (json) print(JSON.stringify({ event: 'issued', ...paths, ...describeCertificate(made.certificateDer) }))
  else print(`wrote ${paths.certificate} and ${paths.key} (${made.algorithm})`)
}

function readable(description: CertificateDescription): string[] {
  const list = (items: readonly string[] | null): string => (items === null ? 'any' : items.join(', ') || 'none')
  const limit = description.pathLength === null ? '' : `, at most ${description.pathLength} authorities below`
  const rows: [string, string][] = [
    ['subject', description.subject],
    ['issuer', description.issuer],
    ['serial number', description.serialNumber],
    ['valid', `${description.notBefore} to ${description.notAfter}`],
    ['names', list(description.subjectAltNames)],
    ['key', `${description.keyAlgorithm}, ${description.publicKeyLength} octets`],
    ['signature', `${description.signatureAlgorithm}, ${description.signatureLength} octets`],
    ['authority', description.isCa ? `yes${limit}` : 'no'],
    ['key usage', list(description.keyUsage)],
    ['purposes', list(description.extendedKeyUsage)],
    ['key id', description.keyIds.subject ?? 'none'],
    ["issuer's key id", description.keyIds.authority ?? 'none'],
    ['SHA-256', description.fingerprint],
  ]
  return [...rows.map(([name, value]) => `${name.padEnd(16)} ${value}`), '']
}

function read(path: string): string {
  return readFile(path).toString('latin1')
}
