/** The simulated quantum link of `trefoil kme`: its options, its start, and what it tells on the way. */
import { randomBytes } from 'node:crypto'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { TrefoilError } from '../../errors.js'
import { type Bb84Link, bb84Parameters, createBb84Link, describeReason, pulsesForKey } from '../../qkd/index.js'
import { parseHex, parseNumber } from '../optionParsers.js'
import type { Printer } from '../output.js'

export interface LinkOptions {
  readonly link: 'random' | 'bb84'
  readonly distance?: number
  readonly seed?: Uint8Array
  readonly eve?: number
}

const DEFAULT_DISTANCE_KM = 10
/** Secret bits that a block is made large enough for: keys come often, and authentication costs a small part. */
const BITS_PER_BLOCK = 8192
const PULSES_WITHOUT_HOPE = 1e7

/** The key managers keep a stock themselves. */
const BUFFER_BYTES = 4096

export function addLinkOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--link <kind>', 'where secret bits come from: a random generator, or a simulated BB84 link')
        .choices(['random', 'bb84'])
        .default('random'),
    )
    .option('--distance <km>', `length of the simulated fibre (default: ${DEFAULT_DISTANCE_KM})`, parseDistance)
    .option('--seed <hex>', 'seed of the simulated link, 16 octets or more, for keys that repeat', parseSeed)
    .option('--eve <fraction>', 'an eavesdropper on this fraction of the pulses (0 to 1)', parseFraction)
}

export function parseFraction(text: string): number {
  return parseNumber(text, 0, 1)
}

/** @throws TrefoilError ERR_INVALID_OPTION when an option is for a link that is not asked for */
export function checkLinkOptions(options: LinkOptions): void {
  const stray = (['distance', 'seed', 'eve'] as const).find((name) => options[name] !== undefined)
  if (options.link === 'random' && stray !== undefined) {
    throw new TrefoilError('ERR_INVALID_OPTION', `--${stray} is for --link bb84`)
  }
}

/** null for the random generator. */
export function startLink(options: LinkOptions, print: Printer): Bb84Link | null {
  if (options.link === 'random') return null
  const fibre = { lengthKm: options.distance ?? DEFAULT_DISTANCE_KM }
  const link = createBb84Link({
    fibre,
    pulsesPerBlock: pulsesForKey(bb84Parameters({ fibre }), BITS_PER_BLOCK) ?? PULSES_WITHOUT_HOPE,
    // Both sites are in this process, so they can be given a first key as they are made.
    authentication: { psk: new Uint8Array(randomBytes(768)) },
    bufferBytes: BUFFER_BYTES,
    eavesdropper: options.eve ?? 0,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  tellOfChanges(link, print)
  return link
}

/** One line when keys begin, end, or end for another reason. */
function tellOfChanges(link: Bb84Link, print: Printer): void {
  let told: string | null = null
  link.on('block', ({ reason, qber }) => {
    const kind = reason?.kind ?? 'keys'
    if (kind === told) return
    told = kind
    const message = reason === null ? null : describeReason(reason)
    const text = message === null ? 'the quantum link gives keys' : `the quantum link gives no keys: ${message}`
    print({ event: 'link', keys: message === null, qber, reason: message }, text)
  })
}

/** Waits for the first block, with or without a key, or for the end. */
export async function firstBlock(link: Bb84Link, stop: AbortSignal): Promise<void> {
  const enough = new AbortController()
  link.once('block', () => enough.abort())
  // Only a wait for keys keeps the process alive; the thread alone does not.
  await link.ready(1, { signal: AbortSignal.any([enough.signal, stop]) }).catch(() => undefined)
}

/** A line on the terminal that is written over and over. */
export function showProgress(link: Bb84Link, terminal: NodeJS.WriteStream): void {
  link.on('progress', ({ block, ...progress }) => {
    const doing = progress.stage === 'transmission' ? `${Math.round(100 * progress.share)} % sent` : 'post-processing'
    const { qber, netBits } = link.status()
    const known = qber === null ? '' : `, QBER ${(100 * qber).toFixed(1)} %, ${netBits} secret bits`
    terminal.write(`\r\u001b[Kblock ${block}: ${doing}${known}`)
  })
  link.on('block', () => terminal.write('\r\u001b[K'))
}

function parseDistance(text: string): number {
  return parseNumber(text, 0, 1000)
}

function parseSeed(text: string): Uint8Array {
  const seed = parseHex(text)
  if (seed.length < 16) throw new InvalidArgumentError('16 octets or more are needed.')
  return seed
}
