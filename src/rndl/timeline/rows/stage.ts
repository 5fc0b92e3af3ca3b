/** What the rows have at their disposal. */
import { utf8 } from '../../../bytes.js'
import type { ConnectionOptions, ServerOptions } from '../../../node/options.js'
import type { Leaks } from '../../adversary/index.js'
import type { TimelineEntry } from '../../report.js'
import { type Identities, type Identity, SERVER_NAME } from '../identities.js'
import type { Random } from '../sessions.js'
import { commit, type Theft } from '../theft.js'

export interface Stage {
  readonly identities: Identities
  readonly random: Random
}

/** Acted out when its turn comes; `quick` ones are in the short run too. */
export interface Row {
  readonly name: string
  readonly quick: boolean
  readonly act: (stage: Stage) => Promise<TimelineEntry>
}

export function theft(name: string, quick: boolean, setUp: (stage: Stage) => Omit<Theft, 'name'>): Row {
  return { name, quick, act: (stage) => commit({ name, ...setUp(stage) }, stage.random) }
}

export function shows({ cert, key }: Identity): ServerOptions {
  return { cert, key }
}

export function trusts(ca: string): ConnectionOptions {
  return { ca, servername: SERVER_NAME }
}

/** The adversary as a client: he does not care whom he reads from. */
export const CREDULOUS: ConnectionOptions = {
  servername: SERVER_NAME,
  rejectUnauthorized: false,
  policy: { allowClassicalAuthentication: true },
}

/** Signing keys are in no computation of the adversary's on tapes: they are handed over all the same. */
export function signingKeys(...pems: readonly string[]): Partial<Leaks> {
  return { signingKeys: pems.map(utf8) }
}

export const nothing = (): Partial<Leaks> => ({})
