/**
 * `trefoil kme`: ETSI GS QKD 014 key managers over a simulated link, both sites in one process or one site a process.
 * The link is a simulation whatever it is made of: random octets, or BB84 between two ends in this process. Random ones
 * are the default since they are there at once; the first BB84 keys take a second or so, and listening waits for them.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { Command, InvalidArgumentError, Option } from 'commander'
import { TrefoilError } from '../errors.js'
import {
  type Bb84Link,
  type CertificateNameKind,
  createKeyManager,
  createKeyManagerPair,
  httpsKeyLink,
  type KeyManager,
  type KeyManagerFault,
  type MutualTlsCredentials,
} from '../qkd/index.js'
import { asUsage } from './asUsage.js'
import { obey, parseFault } from './kme/control.js'
import { addLinkOptions, checkLinkOptions, firstBlock, type LinkOptions, showProgress, startLink } from './kme/link.js'
import { collect } from './optionParsers.js'
import type { Printer } from './output.js'

export interface KmeCommandOptions extends LinkOptions {
  readonly listen: Address
  readonly peerListen?: Address
  readonly peerUrl?: string
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly peerCert?: string
  readonly peerKey?: string
  readonly sae: readonly string[]
  readonly peerSae: readonly string[]
  readonly kmeId: string
  readonly peerKmeId: string
  readonly saeIdentity: CertificateNameKind
  readonly keySize: number
  readonly fault?: KeyManagerFault | null
  readonly control?: boolean
  readonly json?: boolean
}

interface Address {
  readonly host: string
  readonly port: number
}

export function kmeCommand(): Command {
  const command = new Command('kme')
    .description('run ETSI GS QKD 014 key managers over a simulated quantum link, with mutual TLS')
    .requiredOption('--listen <host:port>', 'address of the key manager of site A', parseAddress)
    .addOption(
      new Option('--peer-listen <host:port>', 'address of the key manager of site B, in the same process')
        .argParser(parseAddress)
        .conflicts('peerUrl'),
    )
    .option('--peer-url <url>', 'site B runs elsewhere, as a key manager of its own; keys for it are sent there')
    .requiredOption('--cert <file>', 'certificate chain (PEM)')
    .requiredOption('--key <file>', 'private key (PEM)')
    .requiredOption('--ca <file>', 'CA that the certificates of SAEs and of the other site chain to (PEM)')
    .option('--peer-cert <file>', 'certificate chain of site B, if it is another')
    .option('--peer-key <file>', 'private key of site B, if it is another')
    .requiredOption('--sae <id>', 'SAE ID of site A; give it again for more', collect)
    .requiredOption('--peer-sae <id>', 'SAE ID of site B; give it again for more', collect)
    .option('--kme-id <id>', 'KME ID of site A', 'KME-A')
    .option('--peer-kme-id <id>', 'KME ID of site B', 'KME-B')
    .addOption(
      new Option('--sae-identity <kind>', 'where SAE IDs stand in certificates')
        .choices(['common-name', 'dns', 'uri'])
        .default('common-name'),
    )
    .option('--key-size <bits>', 'size of a key when none is asked for', parseKeySize, 256)
    .addOption(
      new Option('--fault <name>', 'misbehave from the start, as a key manager may that is broken').argParser(
        parseFault,
      ),
    )
    .option('--control', 'obey commands on stdin: eve FRACTION, fault NAME, fault none, status')
  return addLinkOptions(command)
    .option('--json', 'print machine-readable lines')
    .action(async (options: KmeCommandOptions) => {
      asUsage(command, () => checkLinkOptions(options))
      const stop = new AbortController()
      const onSignal = (): void => stop.abort()
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
      try {
        await runKeyManagers(options, (line) => process.stdout.write(`${line}\n`), stop.signal)
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
      }
    })
}

/**
 * Listens, prints one line for each key manager, and closes them when `stop` fires.
 * @throws TrefoilError when a file, an ID or an address cannot be used
 */
export async function runKeyManagers(
  options: KmeCommandOptions,
  print: (line: string) => void,
  stop: AbortSignal,
  input: Readable = process.stdin,
): Promise<void> {
  const tell: Printer = (event, text) => print(options.json ? JSON.stringify(event) : text)
  const credentials = readCredentials(options)
  const link = startLink(options, tell)
  try {
    if (link !== null && process.stderr.isTTY && !options.json) showProgress(link, process.stderr)
    const sites = createSites(options, credentials, link)
    try {
      if (link !== null) await firstBlock(link, stop)
      for (const { site, keyManager, address } of sites) {
        const { url } = await keyManager.listen(address.port, address.host)
        const { kmeId } = keyManager
        tell({ event: 'listening', site, kmeId, url }, `key manager ${kmeId} of site ${site} listens on ${url}`)
      }
      const keyManagers = sites.map(({ keyManager }) => keyManager)
      for (const keyManager of keyManagers) keyManager.setFault(options.fault ?? null)
      if (options.control) obey(input, { keyManagers, link }, tell, stop)
      if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
    } finally {
      await Promise.all(sites.map(({ keyManager }) => keyManager.close()))
    }
  } finally {
    await link?.close()
  }
}

interface ListeningSite {
  readonly site: 'A' | 'B'
  readonly keyManager: KeyManager
  readonly address: Address
}

interface Credentials {
  readonly tls: MutualTlsCredentials
  readonly peerTls: MutualTlsCredentials
}

function readCredentials(options: KmeCommandOptions): Credentials {
  const tls: MutualTlsCredentials = { cert: read(options.cert), key: read(options.key), ca: read(options.ca) }
  const peerTls = {
    cert: options.peerCert === undefined ? tls.cert : read(options.peerCert),
    key: options.peerKey === undefined ? tls.key : read(options.peerKey),
    ca: tls.ca,
  }
  return { tls, peerTls }
}

function createSites(
  options: KmeCommandOptions,
  { tls, peerTls }: Credentials,
  quantumLink: Bb84Link | null,
): ListeningSite[] {
  const common = {
    random: (length: number) => randomBytes(length),
    saeIdentity: options.saeIdentity,
    keySize: options.keySize,
    ...(quantumLink === null
      ? {}
      : { material: (master: string, slave: string) => quantumLink.material(master, slave) }),
  }
  const site = { kmeId: options.kmeId, sae: options.sae, tls }
  const peer = { kmeId: options.peerKmeId, sae: options.peerSae }
  if (options.peerListen === undefined) {
    const link = options.peerUrl === undefined ? {} : { link: httpsKeyLink({ url: options.peerUrl, ...tls }) }
    return [{ site: 'A', keyManager: createKeyManager({ ...common, site, peer, ...link }), address: options.listen }]
  }
  const { a, b } = createKeyManagerPair({ ...common, siteA: site, siteB: { ...peer, tls: peerTls } })
  return [
    { site: 'A', keyManager: a, address: options.listen },
    { site: 'B', keyManager: b, address: options.peerListen },
  ]
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', `cannot read ${file}`, { cause })
  }
}

function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw new InvalidArgumentError('expected HOST:PORT.')
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

function parseKeySize(text: string): number {
  const size = Number(text)
  if (!/^\d+$/.test(text) || size % 8 !== 0 || size < 128 || size > 1024) {
    throw new InvalidArgumentError('expected a multiple of 8 from 128 to 1024.')
  }
  return size
}
