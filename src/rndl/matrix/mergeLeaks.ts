/** Several leaks in one adversary's hands. */
import { type Leaks, NO_LEAKS } from '../adversary/index.js'
import type { LeakedValues } from '../model.js'

export function mergeLeaks(leaks: readonly LeakedValues[]): Leaks {
  const all = leaks.map(({ values }) => values)
  const map = <Key extends keyof Leaks>(name: Key): Leaks[Key] => {
    const entries = all.flatMap((values) => [...((values[name] as ReadonlyMap<string, unknown> | undefined) ?? [])])
    return new Map(entries) as unknown as Leaks[Key]
  }
  const list = (name: 'ticketKeys' | 'trafficSecrets' | 'signingKeys'): readonly Uint8Array[] =>
    all.flatMap((values) => values[name] ?? [])
  return {
    ...NO_LEAKS,
    curveKeys: map('curveKeys'),
    decapsulationSeeds: map('decapsulationSeeds'),
    encapsulatedSecrets: map('encapsulatedSecrets'),
    qkdKeys: map('qkdKeys'),
    authPsks: map('authPsks'),
    resumptionPsks: map('resumptionPsks'),
    keyLog: map('keyLog'),
    ticketKeys: list('ticketKeys'),
    trafficSecrets: list('trafficSecrets'),
    signingKeys: list('signingKeys'),
  }
}
