/** What Alice sent as the pulses that somebody says he detected. */
import type { PreparationsOf } from './alice.js'
import { expectedGain } from './channelModel.js'
import type { Bb84Parameters } from './parameters.js'
import { KEY_BASIS, type Preparations, TEST_BASIS } from './quantumChannel.js'
import type { RandomStream } from './randomStream.js'

/**
 * Only detected pulses were simulated. If others are named, because a message was changed on its way, she sent something
 * as those too: it is drawn now, from what a pulse is like that nobody detected.
 */
export function preparationsOf(
  prepared: Preparations,
  parameters: Bb84Parameters,
  random: RandomStream,
): PreparationsOf {
  return (pulses) => {
    const found = {
      intensities: new Uint8Array(pulses.length),
      bases: new Uint8Array(pulses.length),
      bits: new Uint8Array(pulses.length),
    }
    let next = 0
    pulses.forEach((pulse, i) => {
      while (next < prepared.pulses.length && (prepared.pulses[next] as number) < pulse) next++
      const known = prepared.pulses[next] === pulse
      found.intensities[i] = known ? (prepared.intensities[next] as number) : undetectedIntensity(parameters, random)
      found.bases[i] = known ? (prepared.bases[next] as number) : randomBasis(parameters, random)
      found.bits[i] = known ? (prepared.bits[next] as number) : random.bit()
    })
    prepared.bits.fill(0)
    return found
  }
}

function undetectedIntensity(parameters: Bb84Parameters, random: RandomStream): number {
  const { intensities, probabilities } = parameters.source
  const weights = intensities.map((k, i) => (probabilities[i] as number) * (1 - expectedGain(parameters, k).gain))
  let draw = random.fraction() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, weight] of weights.entries()) {
    draw -= weight
    if (draw < 0) return i
  }
  return weights.length - 1
}

function randomBasis({ source }: Bb84Parameters, random: RandomStream): number {
  return random.fraction() < source.keyBasisProbability ? KEY_BASIS : TEST_BASIS
}
