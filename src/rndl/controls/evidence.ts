/** Runs of one pair of endpoints, sound or broken: all that the checks have to go by. */
import { concat, copy, toHex } from '../../bytes.js'
import type { KeySource, QkdKey } from '../../qkd/index.js'
import { type Schedule, STANDARD } from '../adversary/index.js'
import { type Hooks, type Materials, recordRun } from '../endpoints/index.js'
import type { Claim, LeakedValues, RecordedRun } from '../model.js'
import type { Setup } from '../scenarios/setup.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { Control } from './control.js'
import { memoryOf } from './held.js'
import { noteKeys } from './sabotage/keySources.js'
import { SHORT_SESSION, type Specimen, WHOLE_SESSION } from './specimens.js'

export interface Evidence {
  /** As the endpoints make their keys: the adversary knows it. */
  readonly schedule: Schedule
  /** What the documents promise for the two that follow. */
  readonly claim: Claim
  /** A whole session, and another of the same endpoints. */
  readonly first: RecordedRun
  readonly second: RecordedRun
  /** Short sessions on keys that the checks chose. */
  readonly probes: Probes
}

export interface Probes {
  readonly plain: RecordedRun
  /** The auth PSK with the first half of the QKD key behind it, and the second half for a QKD key. */
  readonly shifted: RecordedRun
  /** The same keys, the QKD key under another key_ID. */
  readonly otherKeyId: RecordedRun
}

export interface EvidenceOptions {
  /** At least 16 octets. */
  readonly seed: Uint8Array
  readonly materials: Materials
}

/** Endpoints, broken or not. */
export type Subject = Pick<Control, 'sabotage' | 'schedule' | 'specimen'>

/** Endpoints as they should be. */
export function soundEndpoints(specimen: Specimen = WHOLE_SESSION): Subject {
  return { specimen, sabotage: () => ({}) }
}

/** Rejects when the endpoints cannot even talk to each other. */
export async function gatherEvidence(subject: Subject, options: EvidenceOptions): Promise<Evidence> {
  const { setup, claim } = subject.specimen ?? WHOLE_SESSION
  const hooks = subject.sabotage()
  const whole = (label: string) =>
    recordWhole(setup, hooks, { ...options, seed: seededRandom(options.seed, label)(32) })
  return {
    schedule: { ...STANDARD, ...subject.schedule },
    claim,
    first: await whole('first'),
    second: await whole('second'),
    probes: await recordProbes(hooks, options),
  }
}

async function recordWhole(setup: Setup, hooks: Hooks, { seed, materials }: EvidenceOptions): Promise<RecordedRun> {
  const pool = new Map<string, Uint8Array>()
  const wrapSource: Hooks['wrapSource'] = (source, side) => noteKeys(hooks.wrapSource?.(source, side) ?? source, pool)
  const run = await recordRun({ name: 'control', setup }, { materials, seed, hooks: { ...hooks, wrapSource } })
  // What the endpoints got need not be what the key manager gave, nor what they end with what KeyUpdates should leave.
  const qkdKeys: LeakedValues = { leak: 'qkdKeys', values: { qkdKeys: pool }, octets: [...pool.values()].map(toHex) }
  const held = new Map([qkdKeys, memoryOf(run)].map((leaked) => [leaked.leak, leaked]))
  return { ...run, leaks: run.leaks.map((leaked) => held.get(leaked.leak) ?? leaked) }
}

async function recordProbes(hooks: Hooks, { seed, materials }: EvidenceOptions): Promise<Probes> {
  const random = seededRandom(seed, 'probes')
  const [authPsk, qkdKey] = [random(32), random(32)]
  const [front, back] = [qkdKey.subarray(0, 16), qkdKey.subarray(16)]
  const probe = (name: string, authKey: Uint8Array, key: QkdKey): Promise<RecordedRun> =>
    recordRun(
      { name, setup: SHORT_SESSION },
      {
        seed: seededRandom(seed, name)(32),
        materials: { ...materials, authPsk: { ...materials.authPsk, key: toHex(authKey) } },
        hooks: { ...hooks, wrapSource: (source) => only(key, source) },
      },
    )
  return {
    plain: await probe('plain', authPsk, { keyId: 'probe-1', key: qkdKey }),
    shifted: await probe('shifted', concat(authPsk, front), { keyId: 'probe-1', key: back }),
    otherKeyId: await probe('other key_ID', authPsk, { keyId: 'probe-2', key: qkdKey }),
  }
}

/** A source that has one key. */
function only({ keyId, key }: QkdKey, { name, status }: KeySource): KeySource {
  const give = async (): Promise<QkdKey> => ({ keyId, key: copy(key) })
  return { name, status, getKey: give, getKeyWithId: give }
}
