/**
 * The harness against somebody's own configuration: a client and a server with these options talk over a taped socket of
 * this process, and every subset of what could leak is tried on the tape.
 */
import { randomBytes } from 'node:crypto'
import { toHex } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import type { Protection } from '../../node/protection.js'
import { assembleRun, playBoth, type Script, scriptFor } from '../endpoints/index.js'
import { environmentOf } from '../environment.js'
import { judgeScenario } from '../judgeScenario.js'
import type { RecordedRun } from '../model.js'
import type { Report } from '../report.js'
import { sessionClaim } from '../scenarios/index.js'
import { summarize } from '../summary.js'
import { COMPONENTS, type Component, opensWith, restsOn } from './components.js'
import { type ConfiguredEnds, configureEnds } from './configuredEnds.js'
import { remarksOn } from './remarks.js'

export interface AssessOptions {
  /**
   * As for `connect`; `host` is used for the name alone, and nothing that says how to get there is used. A `secureContext`, `socket` or `session` cannot be looked into and
   * is refused. QKD keys are fetched from the source, and used up, as by any other session: two or three in all.
   */
  readonly client: ConnectionOptions
  /** As for `createServer`; without `secureContext` and `SNICallback`. */
  readonly server: ServerOptions
  /** What the secrecy of every session must rest on, each by itself; default: nothing is demanded. */
  readonly requires?: readonly Component[] | undefined
  /** At least 16 octets; default: random. */
  readonly seed?: Uint8Array | undefined
}

export interface Assessment {
  /** What one breaks alone and gains nothing by: application data of the session rests on each of them. */
  readonly components: readonly Component[]
  /** The same of a session that is resumed; null when the server gave out no ticket, or none was used. */
  readonly componentsWhenResumed: readonly Component[] | null
  /** Whether both have all of `requires`, and graph, claim and adversary agree in every cell. */
  readonly satisfied: boolean
  /** What whoever answers for the configuration should know, a sentence each. */
  readonly remarks: readonly string[]
  /** `socket.protection` of the client. */
  readonly protection: Protection
  /** In full: `renderTerminal` and `renderHtml` print it. */
  readonly report: Report
}

/**
 * @throws TrefoilError what the client or the server refuses the other for; ERR_INVALID_OPTION for options that hide what
 *   the ends compute with
 */
export async function assessConfiguration(options: AssessOptions): Promise<Assessment> {
  const { client, server, requires = [], seed = randomBytes(32) } = options
  checkOptions({ client, server, requires, seed })
  const started = new Date()
  // Whether there will be a ticket is seen when the first session is over.
  const first = await play(configureEnds(client, server, seed), scriptFor({ keyUpdate: true }, seed))
  const again = first.resumable
    ? await play(
        configureEnds(client, server, seed),
        scriptFor({ keyUpdate: true, tickets: true, resumes: true }, seed),
      )
    : null
  // Who would rather have a QKD key does not offer the ticket of a session without one.
  const resumed = again?.run.protections?.[1]?.resumed === true ? again.run : null
  const run = resumed ?? first.run
  const protection = run.protections?.[0] as Protection
  const claimed = claimedComponents(protection)
  const { report: scenario, falseAlarms } = await judgeScenario(
    {
      name: 'configuration',
      title: claimed.join(' + '),
      mode: modeOf(protection),
      claim: sessionClaim({
        keys: opensWith(claimed),
        keyUpdate: true,
        tickets: first.resumable,
        ...(resumed !== null && { resumedBy: opensWith(exchangedComponents(resumed.protections?.[1] ?? protection)) }),
      }),
    },
    run,
  )
  const found = { scenarios: [scenario], controls: [], falseAlarms, searches: [], timeline: [] }
  const report: Report = {
    version: 1,
    environment: environmentOf(toHex(seed), started),
    extent: 'configuration',
    ...found,
    summary: summarize(found, Date.now() - started.getTime()),
  }
  const setsOf = (name: string) => scenario.things.find((thing) => thing.name === name)?.achieved ?? []
  const components = restsOn(setsOf('response').filter((set) => !set.includes('memory')))
  const componentsWhenResumed = resumed !== null ? restsOn(setsOf('resumedResponse')) : null
  const lacking = requires.filter(
    (component) => !components.includes(component) || componentsWhenResumed?.includes(component) === false,
  )
  return {
    components,
    componentsWhenResumed,
    satisfied: lacking.length === 0 && report.summary.disagreements === 0,
    remarks: remarksOn({ components, componentsWhenResumed, lacking, protection, things: scenario.things }),
    protection,
    report,
  }
}

function checkOptions({ client, server, requires, seed }: Required<AssessOptions>): void {
  const refuse = (sentence: string) => new TrefoilError('ERR_INVALID_OPTION', sentence)
  if (!isObject(client) || !isObject(server)) throw refuse('an assessment needs options of a client and of a server')
  const unknown = Array.isArray(requires) ? requires.find((each) => !COMPONENTS.includes(each)) : requires
  if (unknown !== undefined) throw refuse(`requires takes a list of ${COMPONENTS.join(', ')}`)
  if (!(seed instanceof Uint8Array) || seed.length < 16) throw refuse('the seed of an assessment has 16 octets or more')
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

async function play(ends: ConfiguredEnds, script: Script): Promise<{ run: RecordedRun; resumable: boolean }> {
  const { client, server, traces, qkdPool, belongings } = ends
  const played = await playBoth(script, client, server, traces)
  const links = played.client.connections.map(({ protection }) => protection.qkd?.delivery ?? null)
  const run = assembleRun({
    scenario: 'configuration',
    script,
    belongings,
    qkdPool,
    ...played,
    delivery: links.some((link) => link?.kind === 'tls' && !link.postQuantum) ? { untaped: true } : null,
  })
  return { run, resumable: played.client.connections.some(({ sessions }) => sessions.length > 0) }
}

function exchangedComponents({ keyExchange: { mlkem } }: Protection): Component[] {
  return mlkem === null ? ['curve'] : ['curve', 'ML-KEM']
}

function claimedComponents(protection: Protection): Component[] {
  return [
    ...exchangedComponents(protection),
    ...(protection.qkd === null ? [] : (['QKD'] as const)),
    ...(protection.psk === null ? [] : (['auth PSK'] as const)),
  ]
}

function modeOf({ authentication: { peer }, psk, qkd }: Protection): string {
  const parts = [
    ...(peer === 'certificate' ? ['certificate'] : []),
    ...(psk === null ? [] : ['PSK']),
    ...(qkd === null ? [] : ['QKD']),
  ]
  return parts.join(' + ')
}
