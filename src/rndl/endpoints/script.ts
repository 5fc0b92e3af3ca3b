/** What both ends say to each other in a scenario: known to the harness beforehand, and to nobody on the wire. */
import { toHex } from '../../bytes.js'
import type { Setup } from '../scenarios/setup.js'
import { seededRandom } from '../trace/seededRandom.js'

/** One connection, from the handshake to close_notify. */
export interface ConnectionScript {
  /** Name of its tape. */
  readonly name: string
  readonly exchanges: readonly Exchange[]
  /** The client waits for a session ticket before it closes. */
  readonly awaitsTicket: boolean
  /** With the session of the connection before. */
  readonly resumes: boolean
}

/** A line that the client sends, and the one that the server answers with. */
export interface Exchange {
  readonly request: string
  readonly response: string
  /** The client changes its keys before it, and asks the server for the same (RFC 9846 4.7.3). */
  readonly keyUpdate: boolean
}

export interface Script {
  readonly connections: readonly ConnectionScript[]
}

/** Names of the taped sessions. */
export const SESSION = 'session'
export const RESUMED = 'resumed'
/** Where the two meet before the session, for one that rests on that (`metBefore`). */
export const FIRST_CONTACT = 'first contact'

/** Keying material that both ends export, 32 octets, with a context that must count (RFC 9846 7.5). */
export const EXPORTER = { label: 'EXPERIMENTAL-trefoil-rndl', context: 'rndl', length: 32 } as const

/** What a session may do besides saying its lines. */
export type Course = Pick<Setup, 'keyUpdate' | 'tickets' | 'resumes' | 'metBefore'>

export function scriptFor(course: Partial<Course>, seed: Uint8Array): Script {
  return scriptOf({ keyUpdate: false, tickets: false, resumes: false, metBefore: false, ...course }, seed)
}

export function scriptOf(setup: Course, seed: Uint8Array): Script {
  const random = seededRandom(seed, 'script')
  const phrase = (what: string) => `${what} ${toHex(random(32))}`
  const exchange = (name: string, keyUpdate = false): Exchange => ({
    request: phrase(`request ${name}`),
    response: phrase(`response ${name}`),
    keyUpdate,
  })
  const first: ConnectionScript = {
    name: SESSION,
    exchanges: [exchange('first'), ...(setup.keyUpdate ? [exchange('after KeyUpdate', true)] : [])],
    awaitsTicket: setup.tickets,
    resumes: false,
  }
  const before = { name: FIRST_CONTACT, exchanges: [exchange('before')], awaitsTicket: false, resumes: false }
  const after = { name: RESUMED, exchanges: [exchange('resumed')], awaitsTicket: false, resumes: true }
  return { connections: [...(setup.metBefore ? [before] : []), first, ...(setup.resumes ? [after] : [])] }
}
