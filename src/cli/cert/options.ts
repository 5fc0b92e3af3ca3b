/** Options that subcommands share, and their values. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { fromHex } from '../../bytes.js'
import type { CertificateUsage, IssuedAlgorithm } from '../../pki/index.js'

/** Takes one line. */
export type Print = (line: string) => void

export interface OutputOptions {
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

export interface ValidityOptions {
  readonly days?: number
  readonly serial?: Uint8Array
}

export interface AuthorityOptions {
  readonly pathLength?: number
  readonly permit?: readonly string[]
  readonly exclude?: readonly string[]
}

const ALGORITHMS: readonly IssuedAlgorithm[] = ['mldsa44', 'mldsa65', 'mldsa87', 'ecdsa-p256', 'ecdsa-p384', 'ed25519']
const USAGES: readonly CertificateUsage[] = ['server', 'client']

export function addOutputOptions(command: Command, what: string): Command {
  return command
    .requiredOption(`--out <${what}>`, 'where to write')
    .option('--force', 'overwrite existing files')
    .option('--json', 'print machine-readable lines')
}

export function addAlgorithmOption(command: Command): Command {
  return command.addOption(new Option('--algorithm <name>', 'kind of key').choices(ALGORITHMS).default('mldsa65'))
}

export function addValidityOptions(command: Command, standard: string): Command {
  return command
    .option('--days <number>', `days of validity (default: ${standard})`, parseDays)
    .option('--serial <hex>', 'serial number (default: random)', parseSerial)
}

/** What an authority may do. */
export function addAuthorityOptions(command: Command, pathLength: string): Command {
  return command
    .option('--path-length <number>', `authorities that may stand below it (default: ${pathLength})`, parseCount)
    .option('--permit <names>', 'certifies only these domains, networks, URI:host and email:host', splitList)
    .option('--exclude <names>', 'certifies none of these', splitList)
}

export function addUsageOption(command: Command): Command {
  return command.option('--usage <list>', 'server, client or both', parseUsage, USAGES)
}

/** The library's options for what `addAuthorityOptions` read. */
export function authorityOptions({ pathLength, permit, exclude }: AuthorityOptions) {
  return { pathLength, nameConstraints: { permitted: permit, excluded: exclude } }
}

/** A list separated by commas; adds to what an earlier use of the option gave. */
export function splitList(text: string, earlier?: unknown): string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.includes('')) throw new InvalidArgumentError('An item of the list is empty.')
  return Array.isArray(earlier) ? [...earlier, ...items] : items
}

/** RFC 3339, such as 2026-11-23 or 2026-11-23T12:00:00Z, in milliseconds of the Unix epoch. */
export function parseTime(text: string): number {
  const time = Date.parse(text)
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) || Number.isNaN(time)) {
    throw new InvalidArgumentError('A time such as 2026-11-23T12:00:00Z is needed.')
  }
  return time
}

function parseDays(text: string): number {
  const days = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || days <= 0) throw new InvalidArgumentError('A number above 0 is needed.')
  return days
}

function parseCount(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}

/** Colons as OpenSSL prints them are passed over, and so is a leading 0x. */
function parseSerial(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, '').replaceAll(':', '')
  if (!/^[0-9a-f]+$/i.test(digits)) throw new InvalidArgumentError('A number in hex is needed.')
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`)
}

function parseUsage(text: string): CertificateUsage[] {
  const isUsage = (item: string): item is CertificateUsage => USAGES.some((usage) => usage === item)
  const items = splitList(text)
  const usages = items.filter(isUsage)
  if (usages.length !== items.length) throw new InvalidArgumentError('Only server and client are known.')
  return usages
}
