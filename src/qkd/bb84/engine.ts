/**
 * The simulated link without its thread: both sites and everything between them, block after block. What comes out
 * depends on the options alone, and on when the eavesdropper was there.
 *
 * Each site decides for itself whether a block is good; a block counts when both found it so. Where sites are apart,
 * the last message may get lost, and they learn of each other's verdict only with the next block; here both verdicts are
 * at hand, and are put together.
 */
import { wipe } from '../../bytes.js'
import { aliceBlock } from './alice.js'
import type { Authenticator } from './authentication.js'
import type { BlockFacts } from './block.js'
import { bobBlock } from './bob.js'
import { converse, Endpoint, type Outcome, type Relay, type Script } from './endpoint.js'
import type { Bb84Parameters } from './parameters.js'
import { preparationsOf } from './preparationsOf.js'
import { type Streams, transmit } from './quantumChannel.js'
import { RandomStream } from './randomStream.js'
import type { NoKeyReason } from './reasons.js'
import { type BlockReport, makeReport } from './report.js'
import { type Bb84Authentication, SiteAuthentication } from './siteAuthentication.js'
import { type Role, Transcript } from './transcript.js'

export interface EngineOptions {
  readonly parameters: Bb84Parameters
  readonly pulsesPerBlock: number
  readonly authentication: Bb84Authentication
  /** Any number of bytes; whoever knows them knows every key. */
  readonly seed: Uint8Array
}

/** What a block is busy with: sending pulses (with the share that is sent), or talking about them. */
export type Stage = { readonly stage: 'transmission'; readonly share: number } | { readonly stage: 'post-processing' }

export interface BlockResult {
  readonly report: BlockReport
  /** The key at either site, without what was set aside; empty when there is none. The taker wipes both. */
  readonly keyA: Uint8Array
  readonly keyB: Uint8Array
}

export interface RunOptions {
  readonly onStage?: (stage: Stage) => void
  /** What happens to messages on the classical channel. */
  readonly relay?: Relay
}

export class Bb84Engine {
  readonly #options: EngineOptions
  readonly #streams: Streams
  readonly #seeds: RandomStream
  readonly #alice: SiteAuthentication
  readonly #bob: SiteAuthentication
  #blocks = 0
  #eavesdropping = 0

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor(options: EngineOptions) {
    const stream = (purpose: string): RandomStream => new RandomStream(options.seed, purpose)
    this.#options = options
    this.#streams = { alice: stream('alice'), bob: stream('bob'), fibre: stream('fibre'), eve: stream('eve') }
    this.#seeds = stream('alice in public')
    this.#alice = new SiteAuthentication('alice', options.authentication)
    this.#bob = new SiteAuthentication('bob', options.authentication)
  }

  /** An eavesdropper on this fraction of the pulses, from the next block on; 0 for none. */
  set eavesdropping(fraction: number) {
    this.#eavesdropping = fraction
  }

  /** Bits that are left to authenticate with, at the site that has fewer. */
  get reserveBits(): number {
    return Math.min(this.#alice.reserveBits, this.#bob.reserveBits)
  }

  /** Whether the next block can be authenticated at all. */
  get isExhausted(): boolean {
    return this.#alice.next() === null || this.#bob.next() === null
  }

  runBlock({ onStage, relay }: RunOptions = {}): BlockResult {
    const started = performance.now()
    const block = this.#blocks++
    const [aliceAuthenticator, bobAuthenticator] = [this.#alice.next(), this.#bob.next()]
    if (aliceAuthenticator === null || bobAuthenticator === null) {
      return this.#result(block, started, {}, noKey({ kind: 'authentication-keys-exhausted' }))
    }
    const { parameters, pulsesPerBlock: pulses } = this.#options
    const { prepared, detected } = transmit({
      parameters,
      pulses,
      eavesdropping: this.#eavesdropping,
      streams: this.#streams,
      onProgress: (share) => onStage?.({ stage: 'transmission', share }),
    })
    onStage?.({ stage: 'post-processing' })
    const [aliceFacts, bobFacts]: [BlockFacts, BlockFacts] = [{}, {}]
    const alice = this.#endpoint(
      'alice',
      block,
      aliceAuthenticator,
      aliceFacts,
      (context) => (first) => aliceBlock(context, preparationsOf(prepared, parameters, this.#streams.alice), first),
    )
    const bob = this.#endpoint('bob', block, bobAuthenticator, bobFacts, (context) => () => bobBlock(context, detected))
    converse(alice, bob, relay)
    wipe(prepared.bits, detected.bits)
    return this.#result(block, started, { ...bobFacts, ...aliceFacts }, combine(alice.outcome, bob.outcome))
  }

  wipe(): void {
    this.#alice.wipe()
    this.#bob.wipe()
  }

  #endpoint(
    role: Role,
    block: number,
    authenticator: Authenticator,
    facts: BlockFacts,
    script: (context: Parameters<typeof bobBlock>[0]) => Script,
  ): Endpoint {
    const transcript = new Transcript(block)
    const { parameters, pulsesPerBlock: pulses } = this.#options
    const context = { block, pulses, parameters, authenticator, transcript, random: this.#seeds, facts }
    return new Endpoint({ role, block, transcript, script: script(context) })
  }

  #result(block: number, started: number, facts: BlockFacts, combined: Combined): BlockResult {
    const secretBytes = combined.keyA.length
    const keyA = combined.reason === null ? this.#alice.settle(combined.keyA) : combined.keyA
    const keyB = combined.reason === null ? this.#bob.settle(combined.keyB) : combined.keyB
    const report = makeReport({
      block,
      pulses: this.#options.pulsesPerBlock,
      eavesdropping: this.#eavesdropping,
      facts,
      reason: combined.reason,
      secretBits: 8 * secretBytes,
      authentication: {
        setAsideBits: 8 * (secretBytes - keyA.length),
        spentBits: Math.max(this.#alice.spentBits, this.#bob.spentBits),
        reserveBits: this.reserveBits,
      },
      milliseconds: performance.now() - started,
    })
    return { report, keyA, keyB }
  }
}

interface Combined {
  readonly reason: NoKeyReason | null
  readonly keyA: Uint8Array
  readonly keyB: Uint8Array
}

/** A key if both ends have one; else the reason of the end that found it. */
function combine(alice: Outcome | null, bob: Outcome | null): Combined {
  if (alice?.accepted === true && bob?.accepted === true) return { reason: null, keyA: alice.key, keyB: bob.key }
  const reasons: NoKeyReason[] = []
  for (const outcome of [alice, bob]) {
    if (outcome?.accepted === true) wipe(outcome.key)
    else if (outcome !== null) reasons.push(outcome.reason)
  }
  const own = reasons.find(({ kind }) => kind !== 'peer-aborted' && kind !== 'no-answer')
  return noKey(own ?? reasons[0] ?? { kind: 'no-answer' })
}

function noKey(reason: NoKeyReason): Combined {
  return { reason, keyA: new Uint8Array(0), keyB: new Uint8Array(0) }
}
