/** Two ends over a link so short and so quick that a block takes a tenth of a second. */

import { aliceBlock } from '../../../src/qkd/bb84/alice.js'
import { type Authenticator, NO_AUTHENTICATION } from '../../../src/qkd/bb84/authentication.js'
import { bobBlock } from '../../../src/qkd/bb84/bob.js'
import { Endpoint } from '../../../src/qkd/bb84/endpoint.js'
import { Bb84Engine, type EngineOptions } from '../../../src/qkd/bb84/engine.js'
import { bb84Parameters } from '../../../src/qkd/bb84/parameters.js'
import { preparationsOf } from '../../../src/qkd/bb84/preparationsOf.js'
import { type Transmission, transmit } from '../../../src/qkd/bb84/quantumChannel.js'
import { RandomStream } from '../../../src/qkd/bb84/randomStream.js'
import { type Role, Transcript } from '../../../src/qkd/bb84/transcript.js'

export const SEED = Uint8Array.from({ length: 32 }, (_, i) => i)
export const PSK = Uint8Array.from({ length: 480 }, (_, i) => (7 * i + 1) & 0xff)
export const PULSES = 100_000

/** No fibre, no loss, and so weak a security parameter that a small block gives a key. */
export const QUICK_OPTIONS = {
  fibre: { lengthKm: 0 },
  source: {
    intensities: [1, 0.4, 2e-4],
    probabilities: [0.3, 0.5, 0.2],
    keyBasisProbability: 0.7,
  },
  detector: { efficiency: 1, receiverLossDb: 0 },
  security: { epsilonSecrecy: 1e-2, epsilonCorrectness: 1e-6 },
} as const
export const QUICK = bb84Parameters(QUICK_OPTIONS)

export function quickEngine(options: Partial<EngineOptions> = {}): Bb84Engine {
  return new Bb84Engine({
    parameters: QUICK,
    pulsesPerBlock: PULSES,
    authentication: { psk: PSK },
    seed: SEED,
    ...options,
  })
}

/** Pulses from one sender to one receiver. */
export function send(name: string): Transmission {
  const stream = (who: string): RandomStream => new RandomStream(SEED, `${name} ${who}`)
  const streams = { alice: stream('alice'), bob: stream('bob'), fibre: stream('fibre'), eve: stream('eve') }
  return transmit({ parameters: QUICK, pulses: PULSES, eavesdropping: 0, streams })
}

/** One end of a conversation about those pulses. */
export function end(role: Role, sent: Transmission, authenticator: Authenticator = NO_AUTHENTICATION): Endpoint {
  const [block, transcript] = [0, new Transcript(0)]
  const random = new RandomStream(SEED, `${role} in public`)
  const context = { block, pulses: PULSES, parameters: QUICK, authenticator, transcript, random, facts: {} }
  const script =
    role === 'alice'
      ? (first: Uint8Array) => aliceBlock(context, preparationsOf(sent.prepared, QUICK, random), first)
      : () => bobBlock(context, sent.detected)
  return new Endpoint({ role, block, transcript, script })
}

/** The standard deviation of a rate found in so many trials. */
export function sigma(rate: number, trials: number): number {
  return Math.sqrt((rate * (1 - rate)) / trials)
}
