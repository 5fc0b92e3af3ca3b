/** A report as a sound run gives it, for the printers: every mode of the design, with what opens what in it. */
import type { LeakName, MinimalLeakSets, ProtectedThingName } from '../../../src/rndl/model.js'
import type {
  Cell,
  ControlReport,
  GraphPicture,
  Report,
  ScenarioReport,
  SearchReport,
  ThingReport,
  TimelineEntry,
} from '../../../src/rndl/report.js'
import { sampleGraph } from './sampleGraph.js'

const MLKEM: MinimalLeakSets = [['decapsulationKey'], ['encapsulatedSecret']]
const QKD: MinimalLeakSets = [['qkdKeys'], ['deliveryLink']]
const CURVE: MinimalLeakSets = [['curve']]
const MEMORY: MinimalLeakSets = [['memory']]
const HYBRID = product(CURVE, MLKEM)
const LATE: readonly LeakName[] = ['memory', 'signingKeys', 'caKeys']
const HYBRID_LEAKS: readonly LeakName[] = ['curve', 'decapsulationKey', 'encapsulatedSecret']
const QKD_LEAKS: readonly LeakName[] = ['qkdKeys', 'deliveryLink']

interface Mode {
  readonly name: string
  readonly title: string
  readonly mode: string
  readonly leaks: readonly LeakName[]
  /** What opens the traffic of the handshake. */
  readonly handshake: MinimalLeakSets
  readonly certificates?: 'server' | 'mutual'
  readonly keyUpdate?: true
  readonly resumes?: true
  readonly cipherSuite?: string
}

const MODES: readonly Mode[] = [
  {
    name: 'certificate-qkd',
    title: 'certificate + QKD',
    mode: 'certificate + QKD',
    leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, ...LATE],
    handshake: product(HYBRID, QKD),
    certificates: 'server',
  },
  {
    name: 'mutual-qkd',
    title: 'mutual certificates + QKD, after KeyUpdate',
    mode: 'mutual + QKD',
    leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, ...LATE],
    handshake: product(HYBRID, QKD),
    certificates: 'mutual',
    keyUpdate: true,
  },
  {
    name: 'certificate',
    title: 'certificate alone',
    mode: 'certificate alone',
    leaks: [...HYBRID_LEAKS, ...LATE],
    handshake: HYBRID,
    certificates: 'server',
  },
  {
    name: 'prefer-fell-back',
    title: 'QKD preferred, key manager down',
    mode: 'prefer that fell back',
    leaks: [...HYBRID_LEAKS, ...LATE],
    handshake: HYBRID,
    certificates: 'server',
  },
  {
    name: 'psk-qkd',
    title: 'PSK + QKD',
    mode: 'psk + QKD',
    leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, 'authPsk', 'memory'],
    handshake: product(product(HYBRID, QKD), [['authPsk']]),
  },
  {
    name: 'psk',
    title: 'PSK alone',
    mode: 'psk alone',
    leaks: [...HYBRID_LEAKS, 'authPsk', 'memory'],
    handshake: product(HYBRID, [['authPsk']]),
  },
  {
    name: 'qkd',
    title: 'QKD alone',
    mode: 'qkd alone',
    leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, 'memory'],
    handshake: product(HYBRID, QKD),
  },
  {
    name: 'resumed',
    title: 'certificate + QKD, resumed',
    mode: 'resumed',
    leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, 'ticketKeys', 'sessionStore', ...LATE],
    handshake: product(HYBRID, QKD),
    certificates: 'server',
    resumes: true,
  },
  {
    name: 'hello-retry-request',
    title: 'certificate + QKD, HelloRetryRequest',
    mode: 'after HelloRetryRequest',
    leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, ...LATE],
    handshake: product(HYBRID, QKD),
    certificates: 'server',
  },
  ...['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'].map(
    (cipherSuite): Mode => ({
      name: `suite-${cipherSuite}`,
      title: `certificate + QKD, ${cipherSuite.slice(4)}`,
      mode: 'each cipher suite',
      leaks: [...HYBRID_LEAKS, ...QKD_LEAKS, ...LATE],
      handshake: product(HYBRID, QKD),
      certificates: 'server',
      cipherSuite,
    }),
  ),
]

let made: ScenarioReport[] | undefined

function scenarios(): ScenarioReport[] {
  made ??= MODES.map(scenario)
  return made
}

/** No disagreement, every control caught. */
export function soundReport(): Report {
  return withSummary({
    scenarios: scenarios(),
    controls: CONTROLS,
    falseAlarms: [],
    searches: SEARCHES,
    timeline: TIMELINE,
  })
}

/** One of everything that can be wrong, but two things: a claim, and a cell that the adversary should not have opened. */
export function unsoundReport(): Report {
  const [first, ...others] = scenarios() as [ScenarioReport, ...ScenarioReport[]]
  const things = first.things.map((thing): ThingReport => {
    if (thing.name === 'response') {
      const claimed: MinimalLeakSets = [...product(HYBRID, [['qkdKeys']]), ...MEMORY]
      return { ...thing, claimed, cells: cellsOf(first.leaks, thing.predicted, claimed, thing.achieved) }
    }
    if (thing.name !== 'ticket') return thing
    return { ...thing, cells: thing.cells.map((cell, bits) => (bits === 3 ? { ...cell, achieved: true } : cell)) }
  })
  const controls = CONTROLS.map((control, index) =>
    index === 2 ? { ...control, caught: false, caughtBy: [], finding: '' } : control,
  )
  const timeline = TIMELINE.map((entry, index) =>
    index === 0 ? { ...entry, sessions: [{ at: 'earlier', expected: 'closed', achieved: 'open' } as const] } : entry,
  )
  const falseAlarms = [{ check: 'nonce reuse', finding: 'two records under one key and nonce' }]
  const searches = SEARCHES.map((each, index) => (index === 1 ? { ...each, slope: 0.5 } : each))
  return withSummary({ scenarios: [{ ...first, things }, ...others], controls, falseAlarms, searches, timeline })
}

/** Every string that a configuration could put in becomes `name`. */
export function hostileReport(name: string): Report {
  const report = soundReport()
  return {
    ...report,
    environment: { ...report.environment, provider: name, platform: name, seed: name },
    scenarios: report.scenarios.map((each) => ({
      ...each,
      name,
      title: name,
      mode: name,
      cipherSuite: name,
      group: name,
      things: each.things.map((thing) => ({ ...thing, connection: name })),
      graph: { ...each.graph, nodes: each.graph.nodes.map((node) => ({ ...node, label: name })) },
    })),
    controls: report.controls.map((each) => ({
      ...each,
      name,
      title: name,
      defect: name,
      caughtBy: [name],
      finding: name,
    })),
    searches: report.searches.map((each) => ({ ...each, component: name, trial: name })),
    timeline: report.timeline.map((each) => ({ ...each, name, attack: name, mode: name, outcome: name })),
  }
}

/** Every union of a set of one and a set of the other. */
export function product(a: MinimalLeakSets, b: MinimalLeakSets): MinimalLeakSets {
  return a.flatMap((one) => b.map((other) => [...one, ...other]))
}

function scenario(mode: Mode): ScenarioReport {
  const { name, title, leaks, handshake, certificates, keyUpdate, resumes } = mode
  const traffic: MinimalLeakSets = [...handshake, ...MEMORY]
  const resumption = [...handshake, ['ticketKeys'], ['sessionStore']] as MinimalLeakSets
  const sets: Partial<Record<ProtectedThingName, MinimalLeakSets>> = {
    ...(certificates ? { serverCertificate: handshake } : {}),
    ...(certificates === 'mutual' ? { clientCertificate: handshake } : {}),
    request: traffic,
    response: traffic,
    ...(keyUpdate ? { requestAfterKeyUpdate: traffic, responseAfterKeyUpdate: traffic } : {}),
    ...(certificates ? { ticket: traffic } : {}),
    exporter: handshake,
    ...(resumes
      ? { resumedRequest: minimal(product(HYBRID, resumption)), resumedResponse: minimal(product(HYBRID, resumption)) }
      : {}),
  }
  return {
    name,
    title,
    mode: mode.mode,
    cipherSuite: mode.cipherSuite ?? 'TLS_AES_256_GCM_SHA384',
    group: 'X25519MLKEM768',
    tapedOctets: 9000 + 37 * title.length,
    leaks,
    things: Object.entries(sets).map(([thing, minimalSets]) => ({
      name: thing as ProtectedThingName,
      connection: thing.startsWith('resumed') ? 'resumed' : 'session',
      predicted: minimalSets,
      claimed: minimalSets,
      achieved: minimalSets,
      cells: cellsOf(leaks, minimalSets, minimalSets, minimalSets),
    })),
    graph: graph(mode),
  }
}

function graph({ leaks, resumes }: Mode): GraphPicture {
  return sampleGraph(leaks, resumes ?? false)
}

function cellsOf(
  leaks: readonly LeakName[],
  predicted: MinimalLeakSets,
  claimed: MinimalLeakSets,
  achieved: MinimalLeakSets,
): Cell[] {
  const opens = (sets: MinimalLeakSets, bits: number) =>
    sets.some((set) => set.every((leak) => bits & (1 << leaks.indexOf(leak))))
  return Array.from({ length: 2 ** leaks.length }, (_, bits) => ({
    predicted: opens(predicted, bits),
    claimed: opens(claimed, bits),
    achieved: opens(achieved, bits),
  }))
}

function minimal(sets: MinimalLeakSets): MinimalLeakSets {
  const unique = [...new Map(sets.map((set) => [[...new Set(set)].sort().join(), [...new Set(set)]])).values()]
  return unique.filter(
    (set) => !unique.some((other) => other.length < set.length && other.every((leak) => set.includes(leak))),
  )
}

function withSummary(parts: Omit<Report, 'version' | 'environment' | 'extent' | 'summary'>): Report {
  const cells = parts.scenarios.flatMap(({ things }) => things.flatMap((thing) => thing.cells))
  const differing = cells.filter((cell) => cell.predicted !== cell.claimed || cell.claimed !== cell.achieved).length
  const unexpected = parts.searches.filter(({ slope }) => slope < 0.9).length
  const late = parts.timeline.filter(({ sessions }) => sessions.some((each) => each.expected !== each.achieved)).length
  return {
    version: 1,
    environment: {
      trefoil: '0.1.0',
      node: '20.20.2',
      provider: 'node, with ML-KEM and ML-DSA of noble',
      platform: 'linux x64',
      seed: '5eed'.repeat(16),
      startedAt: '2026-11-26T03:00:00.000Z',
    },
    extent: 'full',
    ...parts,
    summary: {
      cells: cells.length,
      disagreements: differing + late + parts.falseAlarms.length + unexpected,
      controls: { total: parts.controls.length, caught: parts.controls.filter(({ caught }) => caught).length },
      milliseconds: 41_237,
    },
  }
}

function search(component: string, index: number): SearchReport {
  const points = Array.from({ length: 13 }, (_, step) => {
    const bits = 8 + step
    const expectedTrials = 2 ** (bits - 1) + 0.5
    // Spread as targets are, without a random generator.
    const trials = [0.31, 0.9, 1.55, 0.62, 1.71, 1.06].map((part, target) =>
      Math.max(1, Math.round(expectedTrials * part * (1 + 0.06 * Math.sin(3 * step + target + index)))),
    )
    return { bits, trials, meanTrials: trials.reduce((sum, each) => sum + each, 0) / trials.length, expectedTrials }
  })
  const realBits = component === 'ML-KEM seed' ? 512 : 256
  return {
    component,
    trial: 'derive the handshake traffic secret and try to open the first protected record',
    points,
    microsecondsPerTrial: [11.4, 61.2, 402.7][index] ?? 10,
    slope: 1.0012 - 0.001 * index,
    realBits,
    log2RealYears: realBits - 1 + Math.log2(([11.4, 61.2, 402.7][index] ?? 10) / 1e6) - Math.log2(31_557_600),
  }
}

const CONTROLS: readonly ControlReport[] = [
  [
    'ML-KEM secret is a hash of its ciphertext',
    'the ML-KEM secret is replaced by SHA-256 of the ciphertext',
    'graph, adversary',
  ],
  ['X25519 ignored', 'the key exchange hands ML-KEM on alone', 'graph, adversary'],
  ['QKD key in the binder alone', 'the Early Secret is made without the PSK', 'graph, adversary'],
  ['QKD key in place of the key exchange', 'the Handshake Secret is extracted from zeros', 'graph, adversary'],
  ['components combined by XOR', 'secrets of equal value cancel each other', 'graph, repeated component'],
  ['boundaries that shift', 'secrets are joined without their lengths', 'shifted boundary'],
  [
    'one key and nonce for both directions',
    'both ends write under the client traffic secret',
    'nonce reuse, adversary',
  ],
  ['traffic keys before the last extract', 'application secrets come from the Handshake Secret', 'graph'],
  ['one QKD key for two sessions', 'the second session uses the key of the first, plus one', 'related keys, adversary'],
  ['key_ID not bound', 'the importer context leaves the key_ID out', 'dependent keys'],
  ['tickets under a weaker key', 'tickets are sealed under a key made from the time', 'adversary'],
  ['exporter without QKD', 'the exporter secret comes from a schedule without the PSK', 'graph, adversary'],
  ['KeyUpdate that forgets', 'the next traffic secret comes from a constant', 'graph, adversary'],
  ['ephemeral keys from a short seed', 'the key share is made from 16 bits of the clock', 'unexplained octets'],
].map(([title = '', defect = '', by = '']) => ({
  name: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
  title,
  defect,
  caught: true,
  caughtBy: by.split(', '),
  finding: 'the request opened with curve and QKD keys leaked, which the claim says it must not',
}))

const SEARCHES = ['QKD key', 'X25519 scalar', 'ML-KEM seed'].map(search)

const TIMELINE: readonly TimelineEntry[] = [
  {
    name: 'signing-key-later',
    when: 'after',
    attack: 'the server’s ML-DSA key and the CA key are found after the session ended',
    mode: 'certificate + QKD',
    outcome: 'nothing on the tape opens; new sessions could be impersonated until the CA is replaced',
    sessions: [
      { at: 'earlier', expected: 'closed', achieved: 'closed' },
      { at: 'attacked', expected: 'closed', achieved: 'closed' },
    ],
  },
  {
    name: 'signing-key-during',
    when: 'during',
    attack: 'a man in the middle holds the server’s ML-DSA key during the handshake',
    mode: 'certificate alone',
    outcome: 'that session is read; those before and after it stay closed',
    sessions: [
      { at: 'earlier', expected: 'closed', achieved: 'closed' },
      { at: 'attacked', expected: 'open', achieved: 'open' },
      { at: 'later', expected: 'closed', achieved: 'closed' },
    ],
  },
  {
    name: 'signing-key-during-qkd',
    when: 'during',
    attack: 'the same, and the QKD key is not his',
    mode: 'certificate + QKD',
    outcome: 'the handshake is refused: the binder does not verify',
    sessions: [
      { at: 'earlier', expected: 'closed', achieved: 'closed' },
      { at: 'attacked', expected: 'refused', achieved: 'refused' },
      { at: 'later', expected: 'closed', achieved: 'closed' },
    ],
  },
  {
    name: 'bootstrap-before',
    when: 'before',
    attack: 'first contact by QKD alone was intercepted at the key managers',
    mode: 'qkd alone',
    outcome: 'sessions until a certificate is asked for again are read',
    sessions: [
      { at: 'attacked', expected: 'open', achieved: 'open' },
      { at: 'later', expected: 'open', achieved: 'open' },
    ],
  },
]
