/** The components that can be the last one, and how far each is searched. */
import { curveScalar } from './trials/curveScalar.js'
import { mlkemSeed } from './trials/mlkemSeed.js'
import { qkdKey } from './trials/qkdKey.js'
import type { SearchMethod } from './trials/trial.js'

export type ComponentName = 'qkdKey' | 'curveScalar' | 'mlkemSeed'

export interface Component extends SearchMethod {
  /** As in the report. */
  readonly title: string
  readonly trial: string
  /** Bits that nobody knows of the real one. */
  readonly realBits: number
  /** How guessing compares with the best that is known. */
  readonly note: string
  /** How many targets are searched for with so many unknown bits. */
  readonly targets: Readonly<Record<Extent, ReadonlyMap<number, number>>>
}

export type Extent = 'full' | 'quick'

export const COMPONENTS: Readonly<Record<ComponentName, Component>> = {
  qkdKey: {
    ...qkdKey,
    title: 'QKD key',
    trial: 'import the key (RFC 9258) and compute the binder of the taped ClientHello: six HMACs',
    realBits: 256,
    note: 'no way is better than guessing where the key is random; a quantum computer (Grover) would need some 2^128 steps, one after the other',
    targets: {
      full: plan([8, 12, 8], [13, 14, 4], [15, 16, 2], [20, 20, 1]),
      quick: plan([8, 8, 4], [11, 11, 4], [14, 14, 4]),
    },
  },
  curveScalar: {
    ...curveScalar,
    title: 'X25519 scalar',
    trial: 'one point addition gives the public share of the next scalar, to be compared with the taped one',
    // RFC 7748 5: five of the 256 bits are fixed.
    realBits: 251,
    note: "this is the cost of guessing, not of cryptanalysis: Pollard's rho takes some 2^126 steps, Shor's algorithm on a quantum computer next to none",
    targets: {
      full: plan([8, 14, 8], [15, 16, 4], [18, 18, 2]),
      quick: plan([8, 8, 4], [12, 12, 4], [15, 15, 4]),
    },
  },
  mlkemSeed: {
    ...mlkemSeed,
    title: 'ML-KEM seed',
    trial:
      'one SHA3-512 gives the seed of the public matrix, to be compared with that in the taped key share (FIPS 203)',
    realBits: 256,
    note: 'this is the cost of guessing, not of cryptanalysis: FIPS 203 claims category 3 for ML-KEM-768, a key search on AES-192',
    targets: {
      full: plan([8, 15, 8], [16, 17, 4], [18, 18, 2], [20, 20, 1]),
      quick: plan([8, 8, 4], [12, 12, 4], [16, 16, 4]),
    },
  },
}

export const COMPONENT_NAMES = Object.keys(COMPONENTS) as ComponentName[]

/** @param ranges from so many bits to so many bits, each with so many targets */
function plan(...ranges: readonly (readonly [number, number, number])[]): Map<number, number> {
  const targets = new Map<number, number>()
  for (const [least, most, count] of ranges) for (let bits = least; bits <= most; bits++) targets.set(bits, count)
  return targets
}
