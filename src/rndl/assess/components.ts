/** The components of a session's secrecy, as a policy speaks of them, and the leaks by which each falls. */
import { allOf, anyOf, leaks } from '../leakSets.js'
import type { LeakName, MinimalLeakSets } from '../model.js'

/** `curve` stands for X25519, P-256 or P-384. */
export type Component = 'curve' | 'ML-KEM' | 'QKD' | 'auth PSK'

const FALLS_BY: Readonly<Record<Component, readonly LeakName[]>> = {
  curve: ['curve'],
  'ML-KEM': ['decapsulationKey', 'encapsulatedSecret'],
  QKD: ['qkdKeys', 'deliveryLink'],
  'auth PSK': ['authPsk'],
}

export const COMPONENTS = Object.keys(FALLS_BY) as readonly Component[]

/** What opens a thing whose secrecy rests on these: all of them, each by any of its leaks. */
export function opensWith(components: readonly Component[]): MinimalLeakSets {
  return allOf(...components.map((component) => anyOf(...FALLS_BY[component].map((leak) => leaks(leak)))))
}

/** Components that keep a thing closed by themselves: no set that opens it does without them. */
export function restsOn(sets: MinimalLeakSets): Component[] {
  return COMPONENTS.filter((component) => sets.every((set) => set.some((leak) => FALLS_BY[component].includes(leak))))
}
