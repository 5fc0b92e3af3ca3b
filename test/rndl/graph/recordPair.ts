/** Two instrumented connections joined in memory, one request and one response, as a run that can be judged. */
import { toHex, utf8 } from '../../../src/bytes.js'
import { type CryptoProvider, HYBRID_GROUPS, nodeProvider } from '../../../src/crypto/index.js'
import type { LeakedValues, LeakName, RecordedRun } from '../../../src/rndl/model.js'
import { instrument } from '../../../src/rndl/trace/instrument.js'
import { seededRandom } from '../../../src/rndl/trace/seededRandom.js'
import type { TraceStep } from '../../../src/rndl/trace/trace.js'
import { cheap } from '../../support/attack.js'
import { type Endpoint, type PairOptions, runPair } from '../../support/pair.js'

const SEED = new Uint8Array(32).fill(0x61)
const REQUEST = 'pay 100 to account 7719-3310-55'
const RESPONSE = 'thank you, that has been booked'

export interface PairSetup {
  readonly options?: PairOptions
  /** Around the instrumented provider of both ends. */
  readonly wrap?: (provider: CryptoProvider) => CryptoProvider
  /** Besides those of the key exchange. */
  readonly leaks?: Partial<Record<LeakName, readonly Uint8Array[]>>
}

export async function recordPair({
  options = {},
  wrap = (same) => same,
  leaks = {},
}: PairSetup = {}): Promise<RecordedRun> {
  const trace: TraceStep[] = []
  const crypto = (side: string) =>
    wrap(instrument(nodeProvider, { random: seededRandom(SEED, side), record: (step) => trace.push(step) }))
  const { client, server } = options
  const { settle, ...ends } = await runPair({
    ...cheap(options),
    client: { ...cheap().client, groups: HYBRID_GROUPS, ...client },
    server: { ...cheap().server, groups: HYBRID_GROUPS, tickets: 0, ...server },
    clientCrypto: crypto('client'),
    serverCrypto: crypto('server'),
  })
  ends.client.driver.send(utf8(REQUEST))
  ends.server.driver.send(utf8(RESPONSE))
  await settle()
  if (ends.client.error !== null || ends.server.error !== null) throw ends.client.error ?? ends.server.error
  return {
    scenario: 'in memory',
    tape: [{ name: 'session', segments: [...taped('client', ends.client), ...taped('server', ends.server)] }],
    trace,
    leaks: [...exchangeLeaks(trace), ...Object.entries(leaks).map(([leak, octets]) => leaked(leak, octets.map(toHex)))],
    things: [
      { name: 'request', connection: 'session', octets: toHex(utf8(REQUEST)) },
      { name: 'response', connection: 'session', octets: toHex(utf8(RESPONSE)) },
    ],
  }
}

function taped(from: 'client' | 'server', { sent }: Endpoint) {
  return sent.map((octets) => ({ from, milliseconds: 0, octets }))
}

function exchangeLeaks(trace: readonly TraceStep[]): LeakedValues[] {
  const steps = trace.filter((step) => step.kind === 'exchange')
  const of = (component: string, side?: string) =>
    steps.filter((step) => step.component === component && (side === undefined || step.side === side))
  return [
    leaked(
      'curve',
      of('curve').map(({ privateOctets }) => privateOctets),
    ),
    leaked(
      'decapsulationKey',
      of('mlkem', 'client').map(({ privateOctets }) => privateOctets),
    ),
    leaked(
      'encapsulatedSecret',
      of('mlkem', 'server').map(({ output }) => output),
    ),
  ]
}

function leaked(leak: string, octets: readonly string[]): LeakedValues {
  return { leak: leak as LeakName, values: {}, octets }
}
