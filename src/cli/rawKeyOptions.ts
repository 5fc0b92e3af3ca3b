/** The options of `serve` and `connect` for raw public keys, pins and endorsements. */
import { type Command, InvalidArgumentError } from 'commander'
import type { PinnedKey, RawKeyTrustOptions } from '../node/rawKeys/trust.js'
import { parseFingerprint } from '../pki/index.js'
import { readFile } from './files.js'
import { collect, parseCount } from './optionParsers.js'

export interface RawKeyOptions {
  readonly rawKey?: boolean
  readonly pin?: readonly Pin[]
  readonly introducer?: readonly string[]
  readonly threshold?: number
  readonly endorsements?: readonly string[]
  readonly maxDepth?: number
  readonly revoked?: readonly string[]
}

interface Pin {
  readonly name: string | null
  /** File or fingerprint. */
  readonly key: string
}

export function addRawKeyOptions(command: Command): Command {
  return command
    .option('--raw-key', 'show the bare public half of --key (RFC 7250); --cert may be left out')
    .option('--pin <[name=]key>', "the peer's public key: a file (PEM) or a fingerprint; may be given again", parsePin)
    .option('--introducer <file>', 'public key of a trusted introducer (PEM); may be given again', collect)
    .option('--threshold <k>', 'how many introducers must vouch for the raw key of the peer', parseCount)
    .option('--endorsements <file>', 'endorsements of keys (PEM); may be given again', collect)
    .option('--max-depth <number>', 'introduced introducers on a path, at most 8 (default: 1)', parseCount)
    .option('--revoked <file|fingerprint>', 'a key that counts no more; may be given again', collect)
}

/** Whether the options say which raw public keys of peers are accepted. */
export function acceptsRawKeys({ pin, introducer }: RawKeyOptions): boolean {
  return pin !== undefined || introducer !== undefined
}

/** What is wrong with how the options go together, or null. */
export function rawKeyMistake(options: RawKeyOptions, key: string | undefined): string | null {
  const { rawKey, pin, introducer, threshold, endorsements, maxDepth, revoked } = options
  if (rawKey && key === undefined) return '--raw-key needs --key'
  if (pin !== undefined && introducer !== undefined) return '--pin and --introducer exclude each other'
  const rest = [threshold, endorsements, maxDepth, revoked].some((value) => value !== undefined)
  if (introducer === undefined && rest)
    return '--threshold, --endorsements, --max-depth and --revoked need --introducer'
  if (introducer !== undefined && threshold === undefined) return '--introducer needs --threshold'
  return null
}

/** @throws TrefoilError ERR_INVALID_OPTION for a file that cannot be read */
export function resolveRawKeyOptions(options: RawKeyOptions): RawKeyTrustOptions & { rawPublicKey: boolean } {
  const { rawKey = false, pin, introducer, threshold = 0, endorsements = [], maxDepth, revoked = [] } = options
  const trust = introducer && {
    introducers: introducer.map(readFile),
    threshold,
    endorsements: endorsements.map(readFile),
    maxDepth,
    revoked: revoked.map(readKey),
  }
  return { rawPublicKey: rawKey, pinnedKeys: pin?.map(readPin), trust }
}

function readPin({ name, key }: Pin): PinnedKey {
  return name === null ? readKey(key) : { name, key: readKey(key) }
}

function readKey(text: string): string | Buffer {
  return parseFingerprint(text) === null ? readFile(text) : text
}

/** NAME=KEY, added to those of earlier uses of the option. A file whose name has an equals sign is given as =FILE. */
function parsePin(text: string, earlier: readonly Pin[] = []): Pin[] {
  const equals = text.indexOf('=')
  const pin = { name: text.slice(0, Math.max(0, equals)) || null, key: text.slice(equals + 1) }
  if (pin.key === '') throw new InvalidArgumentError('A file or a fingerprint is needed.')
  return [...earlier, pin]
}
