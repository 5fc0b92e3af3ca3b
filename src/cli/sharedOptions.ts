/** The options that `serve`, `connect` and `tunnel` share: how they are read, and the library's options they stand for. */
import { appendFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { TrefoilError } from '../errors.js'
import type { TLSOptions } from '../node/options.js'
import type { PskOption, QkdPolicy } from '../node/psk/index.js'
import { readFile } from './files.js'
import { type KeySupply, openKeySupply } from './keySupply.js'
import { collect, parseCiphers, parseGroups, parseProtocols, parseSchemes } from './optionParsers.js'
import { addPassphraseOption, type PassphraseOptions, readPassphrase } from './passphrase.js'
import { addPskOptions, type PskOptions, pskMistake, resolvePsks } from './pskOptions.js'

import {
  acceptsRawKeys,
  addRawKeyOptions,
  type RawKeyOptions,
  rawKeyMistake,
  resolveRawKeyOptions,
} from './rawKeyOptions.js'

export interface SharedOptions extends RawKeyOptions, PskOptions, PassphraseOptions {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
  readonly requestCert?: boolean
  readonly servername?: string
  readonly alpn?: string[]
  readonly groups?: string[]
  readonly ciphers?: string[]
  readonly sigalgs?: string[]
  readonly qkdKme?: string
  readonly qkdFile?: string
  readonly qkdCert?: string
  readonly qkdKey?: string
  readonly qkdCa?: string
  readonly sae?: string
  readonly peerSae?: string[]
  readonly qkd: QkdPolicy
  readonly qkdBootstrap?: string
  readonly requirePqDelivery?: boolean
  readonly allowClassical?: boolean
  readonly tickets: boolean
  readonly keylog?: string
  readonly json?: boolean
}

export function addSharedOptions(command: Command): Command {
  command
    .option('--cert <file>', 'own certificate chain, leaf first (PEM)')
    .option('--key <file>', 'private key of --cert (PEM)')
  addPassphraseOption(command, '--key')
    .option('--ca <file>', 'trust anchors (PEM)')
    .option('--request-cert', 'server: require a client certificate')
    .option('--servername <name>', 'client: the name asked for and checked (default: HOST)')
    .option('--alpn <list>', 'application protocols, comma-separated', parseProtocols)
    .option('--groups <list>', 'named groups, such as X25519MLKEM768', parseGroups)
    .option('--ciphers <list>', 'cipher suites, such as TLS_AES_256_GCM_SHA384', parseCiphers)
    .option('--sigalgs <list>', 'signature schemes, such as mldsa65', parseSchemes)
  addPskOptions(command)
    .option('--qkd-kme <url>', 'key manager (ETSI GS QKD 014)')
    .addOption(new Option('--qkd-file <file>', 'file of pre-shared keys instead of a key manager').conflicts('qkdKme'))
    .option('--qkd-cert <file>', 'certificate for the key manager (PEM)')
    .option('--qkd-key <file>', 'private key of --qkd-cert (PEM)')
    .option('--qkd-ca <file>', "CA of the key manager's certificate (PEM)")
    .option('--sae <id>', 'our SAE ID (with --qkd-file it is in the file)')
    .option('--peer-sae <id>', "the peer's SAE ID; a server may accept several: give it again", collect)
    .addOption(new Option('--qkd <policy>', 'QKD policy').choices(['require', 'prefer', 'off']).default('require'))
    .option('--qkd-bootstrap <file>', 'certificates or PSKs at first contact, then QKD keys alone; remembers it here')
    .option('--require-pq-delivery', 'use no QKD key that came over a link that is not post-quantum')
    .option('--allow-classical', 'permit classical key exchange and classical certificates')
    .option('--no-tickets', 'server: issue and accept no tickets')
    .option('--keylog <file>', 'append the secrets of every connection to a file (RFC 9850)')
    .option('--json', 'print machine-readable lines')
  return addRawKeyOptions(command)
}

export interface ResolvedOptions {
  readonly tls: TLSOptions & { readonly psk?: readonly PskOption[] | undefined }
  /** Appends a keylog line where `--keylog` says; null without. */
  readonly writeKeylog: ((line: Buffer) => void) | null
  /** Where QKD keys come from; null without. */
  readonly supply: KeySupply | null
  close(): Promise<void>
}

/**
 * Reads the files and opens the key source. Combinations that make no sense end the command as wrong usage.
 * @param kept the key source of before, where it goes on
 * @throws TrefoilError ERR_INVALID_OPTION for a file that cannot be read, and as `keyFile` does
 */
export async function resolveSharedOptions(
  options: SharedOptions,
  command: Command,
  kept?: KeySupply | null,
): Promise<ResolvedOptions> {
  checkCombinations(options, command)
  const { cert, key, ca, alpn, groups, ciphers, sigalgs, pskWithCert, allowClassical = false, keylog } = options
  const psk = resolvePsks(options)
  const files = { cert: cert && readFile(cert), key: key && readFile(key), ca: ca && readFile(ca) }
  if (keylog !== undefined) append(keylog, '')
  // Last, since a key file stays locked until it is closed.
  const supply = kept ?? (await openKeySupply(options))
  return {
    tls: {
      ...files,
      ...resolveRawKeyOptions(options),
      ALPNProtocols: alpn,
      groups,
      ciphers,
      sigalgs,
      passphrase: readPassphrase(options),
      psk,
      qkd: supply?.qkd,
      pskWithCertificate: pskWithCert,
      policy: {
        allowClassicalKeyExchange: allowClassical,
        allowClassicalAuthentication: allowClassical,
        requirePostQuantumDelivery: options.requirePqDelivery,
      },
      keylog: keylog !== undefined,
      onQkdFallback: (error) => process.stderr.write(`trefoil: going on without a QKD key: ${error.message}\n`),
    },
    writeKeylog: keylog === undefined ? null : keylogWriter(keylog),
    supply,
    close: async () => supply?.close(),
  }
}

function checkCombinations(options: SharedOptions, command: Command): void {
  const { cert, key, passphraseFile, requestCert, ca, qkdKme, qkdFile, peerSae = [] } = options
  const wrong = (message: string) => command.error(`error: ${message}`)
  const bare = options.rawKey === true && cert === undefined
  if (!bare && (cert === undefined) !== (key === undefined)) wrong('--cert and --key go together')
  if (requestCert && ca === undefined && !acceptsRawKeys(options))
    wrong('--request-cert needs --ca, --pin or --introducer')
  if (passphraseFile !== undefined && key === undefined) wrong('--passphrase-file needs --key')
  const mistake = rawKeyMistake(options, key) ?? pskMistake(options)
  if (mistake !== null) wrong(mistake)
  if (options.qkdBootstrap !== undefined && qkdKme === undefined && qkdFile === undefined) {
    wrong('--qkd-bootstrap needs --qkd-kme or --qkd-file')
  }
  if (qkdFile !== undefined && peerSae.length > 1) wrong('--qkd-file is shared with one SAE')
  const needed = ['qkdCert', 'qkdKey', 'qkdCa', 'sae', 'peerSae'] as const
  if (qkdKme === undefined || options.qkd === 'off') return
  const missing = needed.filter((name) => options[name] === undefined)
  if (missing.length > 0) {
    wrong(
      `--qkd-kme needs ${missing.map((name) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`).join(', ')}`,
    )
  }
}

/** A disk that is full is no reason to break connections off: lines are missing then, which is told once. */
function keylogWriter(path: string): (line: Buffer) => void {
  let told = false
  return (line) => {
    try {
      append(path, line)
    } catch (thrown) {
      if (!told) process.stderr.write(`trefoil: lines are missing in the key log: ${(thrown as Error).message}\n`)
      told = true
    }
  }
}

function append(path: string, line: Buffer | string): void {
  try {
    appendFileSync(path, line, { mode: 0o600 })
  } catch (cause) {
    const reason = cause instanceof Error ? `: ${cause.message}` : ''
    throw new TrefoilError('ERR_INVALID_OPTION', `cannot write ${path}${reason}`, { cause })
  }
}
