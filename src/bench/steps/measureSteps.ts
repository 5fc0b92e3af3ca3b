/** The steps of a handshake, in runs of their own, so that the instrument does not disturb the totals. */
import { hasFeature, nobleProvider, nodeProvider } from '../../crypto/index.js'
import { type ModeOptions, selectModes } from '../handshakes/modes.js'
import { rounded } from '../report/figures.js'
import type { Plot, Section, Table } from '../report/sections.js'
import { type StepResult, timeSteps } from './stepRounds.js'
import { STEPS, totalOf } from './stopWatch.js'

export interface StepsResult {
  readonly handshakes: readonly StepResult[]
}

const QUICK = ['mldsa65-server', 'mldsa65-mutual', 'psk', 'psk+qkd', 'certificate+qkd', 'resumption']
const ON_NOBLE = ['mldsa65-server', 'psk']

export async function measureSteps(options: ModeOptions): Promise<Section<StepsResult>> {
  const handshakes: StepResult[] = []
  for (const { mode, provider, ...extent } of plansFor(options)) {
    options.onProgress?.(`steps of ${mode.name}, provider ${provider.name}`)
    handshakes.push(await timeSteps(mode, provider, { ...extent, signal: options.signal }))
  }
  return {
    name: 'steps',
    result: { handshakes },
    tables: [stepTable(handshakes), beyondTable(handshakes)],
    plots: [stepPlot(handshakes)],
  }
}

function plansFor(options: ModeOptions) {
  const native = hasFeature('sign mldsa65')
  if (options.quick) {
    const few = { provider: nodeProvider, rounds: native ? 10 : 4, batch: native ? 3 : 2, warmUp: native ? 3 : 1 }
    return selectModes(options, QUICK).map((mode) => ({ mode, ...few }))
  }
  const many = { provider: nodeProvider, rounds: 40, batch: native ? 5 : 2, warmUp: 5 }
  const noble = { provider: nobleProvider, rounds: 12, batch: 2, warmUp: 2 }
  return [
    ...selectModes(options).map((mode) => ({ mode, ...many })),
    ...selectModes(options, ON_NOBLE).map((mode) => ({ mode, ...noble })),
  ]
}

function stepTable(handshakes: readonly StepResult[]): Table {
  return {
    title: 'Steps of a handshake',
    note:
      'Microseconds that each end of the core spends, in memory, by an instrumented provider; the mean of the ' +
      'middle half of the rounds. Steps add up to the whole. The key pair that a server makes on the curve is part of its ' +
      'agreement; certificates and PSKs are without the cryptography in them. With the instrument it takes longer by the last column, both ends.',
    columns: ['mode', 'provider', 'side', 'all', ...STEPS, 'instrument'],
    rows: handshakes.flatMap((handshake) =>
      (['client', 'server'] as const).map((side) => {
        const { core } = handshake[side]
        const both = totalOf(handshake.client.core) + totalOf(handshake.server.core)
        return [
          handshake.mode,
          handshake.provider,
          side,
          rounded(totalOf(core)),
          ...STEPS.map((step) => rounded(core[step], core[step] < 10 ? 1 : 0)),
          `${((both / handshake.bare - 1) * 100).toFixed(0)} %`,
        ]
      }),
    ),
  }
}

function beyondTable(handshakes: readonly StepResult[]): Table {
  return {
    title: 'Where the time goes beyond the floor',
    note: 'The same less what the floor spends on that step in the same rounds, in microseconds.',
    columns: ['mode', 'provider', 'side', 'all', ...STEPS],
    rows: handshakes.flatMap((handshake) =>
      (['client', 'server'] as const).map((side) => {
        const { core, floor } = handshake[side]
        return [
          handshake.mode,
          handshake.provider,
          side,
          rounded(totalOf(core) - totalOf(floor)),
          ...STEPS.map((step) => rounded(core[step] - floor[step], 0)),
        ]
      }),
    ),
  }
}

function stepPlot(handshakes: readonly StepResult[]): Plot {
  const own = handshakes.filter(({ provider }) => provider === nodeProvider.name)
  return {
    title: 'Steps of a handshake, both sides',
    kind: 'bars',
    xLabel: 'mode',
    yLabel: 'µs',
    series: STEPS.map((step) => ({
      name: step,
      points: own.map(({ mode, client, server }) => [mode, client.core[step] + server.core[step]] as const),
    })).filter(({ points }) => points.some(([, value]) => value >= 1)),
  }
}
