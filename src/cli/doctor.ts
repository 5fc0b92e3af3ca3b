/** `trefoil doctor`: grades any ETSI GS QKD 014 key manager. Exit status 1 when a check failed. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { TrefoilError } from '../errors.js'
import { plannedKeys } from '../qkd/doctor/checks/index.js'
import { type ExamineKeyManagerOptions, examineKeyManager, type KeyManagerReport } from '../qkd/index.js'
import { asUsageLater } from './asUsage.js'
import { foreignTwin } from './doctor/foreignTwin.js'
import { drawFinding, drawHeading, drawSummary } from './doctor/table.js'
import { printer } from './output.js'

interface DoctorOptions {
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly sae?: string
  readonly peerSae: string
  readonly peerUrl?: string
  readonly peerCert?: string
  readonly peerKey?: string
  readonly otherCert?: string
  readonly otherKey?: string
  readonly kmeId?: string
  readonly servername?: string
  readonly size?: number
  readonly timeout: number
  readonly maxKeys: number
  readonly json?: boolean
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('grade an ETSI GS QKD 014 key manager; takes keys from its supply and throws them away')
    .argument('<url>', 'our key manager, https://HOST:PORT, with a path at most')
    .requiredOption('--cert <file>', 'certificate chain of our SAE (PEM)')
    .requiredOption('--key <file>', 'private key of --cert (PEM)')
    .requiredOption('--ca <file>', "CA of the key managers' certificates (PEM)")
    .requiredOption('--peer-sae <id>', 'SAE ID at the other site with which keys are shared')
    .option('--sae <id>', 'our SAE ID, to see whether the certificate and the key manager say so')
    .option('--peer-url <url>', 'key manager of the other site, so that dec_keys can be tried')
    .option('--peer-cert <file>', 'certificate chain of the SAE at the other site (PEM)')
    .option('--peer-key <file>', 'private key of --peer-cert (PEM)')
    .option('--other-cert <file>', 'certificate chain of a third SAE, at the other site (PEM)')
    .option('--other-key <file>', 'private key of --other-cert (PEM)')
    .option('--kme-id <id>', 'KME ID that certificate and status must carry')
    .option('--servername <name>', 'name to expect in the certificate (default: HOST)')
    .option('--size <bits>', "size of the keys asked for (default: the key manager's)", parseWhole)
    .option('--timeout <milliseconds>', 'for each request', parseWhole, 5000)
    .option('--max-keys <number>', 'keys taken at most; checks that need more are skipped', parseWhole, 300)
    .option('--json', 'print machine-readable lines')
  return command.action((url: string, options: DoctorOptions) => run(url, options, command))
}

async function run(url: string, options: DoctorOptions, command: Command): Promise<void> {
  const { json = false, maxKeys } = options
  const print = printer(json)
  const resolved = resolve(url, options, command)
  let begun = false
  const report = await asUsageLater(command, () =>
    examineKeyManager({
      ...resolved,
      random: (length) => randomBytes(length),
      onFinding(finding) {
        // Not before: options that are refused are not examined.
        if (!begun) print({ event: 'examination', url, plannedKeys, maxKeys }, drawHeading(url, plannedKeys, maxKeys))
        begun = true
        print({ event: 'check', ...finding }, drawFinding(finding))
      },
    }),
  )
  summarise(report, print)
  // Not an error of this command: it has done its work, and the summary says what it found.
  if (report.failed > 0) process.exitCode = 1
}

function summarise(
  { passed, warned, failed, skipped, keysTaken }: KeyManagerReport,
  print: ReturnType<typeof printer>,
) {
  const summary = { passed, warned, failed, skipped, keysTaken }
  print({ event: 'summary', ...summary }, drawSummary(summary))
}

type Resolved = Omit<ExamineKeyManagerOptions, 'random' | 'onFinding'>

function resolve(url: string, options: DoctorOptions, command: Command): Resolved {
  const { peerUrl, peerCert, peerKey, otherCert, otherKey } = options
  const given = [peerUrl, peerCert, peerKey].filter((option) => option !== undefined).length
  if (given % 3 !== 0) command.error('error: --peer-url, --peer-cert and --peer-key go together')
  if ((otherCert === undefined) !== (otherKey === undefined)) {
    command.error('error: --other-cert and --other-key go together')
  }
  if (otherCert !== undefined && peerUrl === undefined) command.error('error: --other-cert needs --peer-url')
  const cert = read(options.cert)
  const foreign = foreignTwin(cert)
  return {
    url,
    cert,
    key: read(options.key),
    ca: read(options.ca),
    peerSaeId: options.peerSae,
    timeoutMilliseconds: options.timeout,
    maxKeys: options.maxKeys,
    ...(foreign === null ? {} : { foreign }),
    ...(options.sae === undefined ? {} : { saeId: options.sae }),
    ...(options.kmeId === undefined ? {} : { kmeId: options.kmeId }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.size === undefined ? {} : { keySize: options.size }),
    ...(peerUrl && peerCert && peerKey ? { peer: { url: peerUrl, cert: read(peerCert), key: read(peerKey) } } : {}),
    ...(otherCert && otherKey ? { other: { cert: read(otherCert), key: read(otherKey) } } : {}),
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', `cannot read ${path}`, { cause })
  }
}

function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}
