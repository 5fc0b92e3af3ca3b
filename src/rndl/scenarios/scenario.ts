/** A mode of the design, in one variant, with what is claimed of it. */
import type { Claim } from '../model.js'
import { PLAIN_SETUP, type Setup } from './setup.js'

export interface Scenario {
  /** `certificate-qkd-resumed` */
  readonly name: string
  /** For people: `certificate + QKD, resumed`. */
  readonly title: string
  /** One of the modes of the design. */
  readonly mode: Mode
  readonly setup: Setup
  readonly claim: Claim
  /** Runs in the quick extent too. */
  readonly quick: boolean
}

export type Mode =
  | 'certificate'
  | 'certificate + QKD'
  | 'certificate + PSK'
  | 'certificate + PSK + QKD'
  | 'PSK'
  | 'PSK + QKD'
  | 'QKD'

/** What differs from the mode's own setup and claim. */
export interface Variant {
  readonly name: string
  /** Behind the mode: `, resumed`. */
  readonly title?: string
  readonly setup?: Partial<Setup>
  readonly claim: Claim
  readonly quick?: boolean
}

/** The setup that makes the mode. */
const MODE_SETUPS: Readonly<Record<Mode, Partial<Setup>>> = {
  certificate: {},
  'certificate + QKD': { qkd: 'require' },
  'certificate + PSK': { psk: 'imported' },
  'certificate + PSK + QKD': { psk: 'imported', qkd: 'require' },
  PSK: { certificates: 'none', psk: 'imported' },
  'PSK + QKD': { certificates: 'none', psk: 'imported', qkd: 'require' },
  QKD: { certificates: 'none', qkd: 'require' },
}

export function scenario(mode: Mode, { name, title = '', setup = {}, claim, quick = false }: Variant): Scenario {
  return {
    name,
    title: `${mode}${title}`,
    mode,
    setup: { ...PLAIN_SETUP, ...MODE_SETUPS[mode], ...setup },
    claim,
    quick,
  }
}
