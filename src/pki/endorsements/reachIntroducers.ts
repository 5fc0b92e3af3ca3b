/**
 * Who may endorse: the introducers that the verifier trusts, and those whom they introduced, as far as depth allows.
 *
 * A trusted introducer has `maxDepth` steps left. Somebody with steps left may introduce others; they have one fewer
 * left, and no more than what the endorsement gives them (its depth less one). Each is known by the greatest number of
 * steps that anybody gives it, and only introductions that give it so many become part of a path. So the number falls
 * with each step, there are no circles, and every path keeps within everybody's depth.
 */
import type { CryptoProvider } from '../../crypto/provider.js'
import type { PublicKeyInfo } from '../publicKey.js'
import { type Endorsement, isEndorsedBy } from './endorsement.js'

interface Introduction {
  readonly endorsement: Endorsement
  readonly from: string
  readonly to: string
}

export interface ReachOptions {
  /** The trusted introducers by name. */
  readonly roots: ReadonlyMap<string, PublicKeyInfo>
  readonly introducing: readonly Introduction[]
  /** Names that are looked for: what cannot lead to one of them is not verified. */
  readonly goals: readonly string[]
  readonly maxDepth: number
  readonly crypto: CryptoProvider
}

export interface Endorser {
  readonly key: PublicKeyInfo
  /** Names of those that it introduces. */
  readonly introduces: readonly string[]
}

export interface Reached {
  readonly endorsers: ReadonlyMap<string, Endorser>
  /** Names of those that introductions lead to, but only beyond the depth. */
  readonly tooFar: ReadonlySet<string>
  readonly faults: ReadonlyMap<Endorsement, 'unknown-endorser' | 'depth-exceeded' | 'bad-signature'>
}

interface Known {
  readonly key: PublicKeyInfo
  /** Steps left; below zero beyond the depth. */
  left: number
}

const BEYOND = -1

export function reachIntroducers(options: ReachOptions): Reached {
  const useful = usefulFor(options.goals, options.introducing)
  const known = new Map<string, Known>([...options.roots].map(([id, key]) => [id, { key, left: options.maxDepth }]))
  const faults = new Map<Endorsement, 'unknown-endorser' | 'depth-exceeded' | 'bad-signature'>()
  const verified = new Set<Introduction>()
  // From the greatest number of steps left to the smallest: nobody is reached with more later on.
  for (let left = options.maxDepth; left >= BEYOND; left--) {
    // Beyond the depth each round finds others that are beyond it as well.
    for (let found = true; found; ) {
      found = false
      for (const introduction of useful) {
        const { endorsement, from, to } = introduction
        const endorser = known.get(from)
        if (endorser?.left !== left || verified.has(introduction) || faults.get(endorsement) === 'bad-signature') {
          continue
        }
        if (!isEndorsedBy(endorsement, endorser.key, options.crypto)) {
          faults.set(endorsement, 'bad-signature')
          continue
        }
        verified.add(introduction)
        if (left <= 0) faults.set(endorsement, 'depth-exceeded')
        const gained = stepsGained(left, endorsement)
        const before = known.get(to)
        if (before === undefined) known.set(to, { key: endorsement.subject, left: gained })
        else if (gained > before.left) before.left = gained
        found = true
      }
    }
  }
  for (const { endorsement, from } of useful) if (!known.has(from)) faults.set(endorsement, 'unknown-endorser')
  return { ...split(known, verified), faults }
}

function stepsGained(left: number, { depth }: Endorsement): number {
  return left <= 0 ? BEYOND : Math.min(left, depth) - 1
}

/** Introductions that lead, step by step, to one of the goals. */
function usefulFor(goals: readonly string[], introducing: readonly Introduction[]): Introduction[] {
  const wanted = new Set(goals)
  // A set that is added to while it is gone through is gone through to its end.
  for (const id of wanted) for (const { from, to } of introducing) if (to === id) wanted.add(from)
  return introducing.filter(({ to }) => wanted.has(to))
}

function split(known: ReadonlyMap<string, Known>, verified: ReadonlySet<Introduction>) {
  const endorsers = new Map<string, Endorser>()
  const tooFar = new Set<string>()
  for (const [id, { key, left }] of known) {
    if (left === BEYOND) {
      tooFar.add(id)
      continue
    }
    const mine = [...verified].filter(({ from, to, endorsement }) => {
      return from === id && left > 0 && stepsGained(left, endorsement) === known.get(to)?.left
    })
    endorsers.set(id, { key, introduces: [...new Set(mine.map(({ to }) => to))] })
  }
  return { endorsers, tooFar }
}
