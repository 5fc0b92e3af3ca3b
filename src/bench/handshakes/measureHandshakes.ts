/** Handshakes in memory, in every mode, against the floor and node:tls. */
import { hasFeature, nobleProvider, nodeProvider } from '../../crypto/index.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { rounded } from '../report/figures.js'
import type { Section } from '../report/sections.js'
import { type ContestOptions, type ContestResult, holdContest } from './contest.js'
import { floorTable } from './floorTable.js'
import { handshakePlots } from './handshakePlots.js'
import { absoluteTable, ratioTable } from './handshakeTables.js'
import { MODE_NAMES, type Mode, type ModeOptions, selectModes } from './modes.js'

export interface HandshakesResult {
  readonly contests: readonly ContestResult[]
  /** What the contract of the command names, of the provider that is the default. */
  readonly ratios: Readonly<Record<string, { readonly floor: number; readonly nodeTls: number | null }>>
}

/** What is measured, and how thoroughly. */
interface Plan extends Omit<ContestOptions, 'signal'> {
  readonly provider: CryptoProvider
  readonly modes: readonly Mode[]
}

const CONTRACT = ['mldsa65-server', 'mldsa65-mutual', 'psk']
/** Not a mode of its own, but an algorithm in place of another. */
const VARIANTS = ['mldsa44-server', 'mldsa87-server', 'secp256r1mlkem768', 'secp384r1mlkem1024', 'mldsa65-server-anew']

export async function measureHandshakes(options: ModeOptions): Promise<Section<HandshakesResult>> {
  const contests: ContestResult[] = []
  const floors: Parameters<typeof floorTable>[0][number][] = []
  for (const { provider, modes, ...extent } of plansFor(options)) {
    for (const mode of modes) {
      options.onProgress?.(`${mode.name} in memory, provider ${provider.name}`)
      const { result, observation } = await holdContest(mode, provider, { ...extent, signal: options.signal })
      contests.push(result)
      if (provider === nodeProvider) floors.push({ mode, observation })
    }
  }
  return {
    name: 'handshakes',
    result: { contests, ratios: contractRatios(contests) },
    tables: [ratioTable(contests), absoluteTable(contests), floorTable(floors)],
    plots: handshakePlots(contests),
  }
}

function contractRatios(contests: readonly ContestResult[]): HandshakesResult['ratios'] {
  const own = contests.filter(({ mode, provider }) => provider === nodeProvider.name && CONTRACT.includes(mode))
  return Object.fromEntries(
    // Against node:tls as it is called by most: with certificates and keys among the options of every connection.
    own.map(({ mode, ratios: { coreToFloor, anewToNodeTls } }) => [
      mode,
      { floor: rounded(coreToFloor.median, 3), nodeTls: anewToNodeTls && rounded(anewToNodeTls.median, 3) },
    ]),
  )
}

/** Signing takes 7 ms in the mean where Node has no ML-DSA, and varies more: fewer handshakes in the same time. */
function plansFor(options: ModeOptions): Plan[] {
  const native = hasFeature('sign mldsa65')
  const of = (names: readonly string[]) => selectModes(options, names)
  const own = MODE_NAMES.filter((name) => !VARIANTS.includes(name))
  const batch = native ? 10 : 3
  if (options.quick) {
    const rest = ['psk+qkd', 'certificate+qkd', 'resumption']
    return [
      { provider: nodeProvider, modes: of(CONTRACT), rounds: native ? 12 : 6, batch, warmUp: 3 },
      { provider: nodeProvider, modes: of(rest), rounds: native ? 5 : 3, batch: Math.ceil(batch / 2), warmUp: 2 },
    ]
  }
  return [
    {
      provider: nodeProvider,
      modes: of(own),
      rounds: 60,
      batch,
      warmUp: 6,
    },
    { provider: nodeProvider, modes: of(VARIANTS), rounds: 30, batch, warmUp: 4 },
    { provider: nobleProvider, modes: of(CONTRACT), rounds: 20, batch: 3, warmUp: 2 },
  ]
}
