/** One session at a time, over real sockets: an honest one that is taped, and one with a man in the middle. */
import { toHex } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import type { ErrorCode } from '../../errors.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import { type Leaks, NO_LEAKS, openConnection, type TapedConnection } from '../adversary/index.js'
import { startTap } from '../recorder/tap.js'
import { ask, refusalOf, serve } from '../sessions/exchange.js'
import { knownShares } from '../sessions/knownShares.js'
import { serveInsistently } from './insistent.js'

/** Both ends as they are set up at one time. */
export interface Site {
  readonly server: ServerOptions
  readonly client: ConnectionOptions
}

/** What a man in the middle says he is: towards the client, and towards the server. */
export type Mask = Site

export interface TapedSession {
  readonly tape: TapedConnection
  /** What was said, and the tape must not give away. */
  readonly request: string
  readonly response: string
}

export type Random = (length: number) => Uint8Array

/**
 * An honest session behind a tap.
 * @param rest what the session rests on besides the key exchange
 * @throws Error when it fails, or when the tape stays closed to an adversary who has every component
 */
export async function tapeSession(
  { server: serverOptions, client }: Site,
  rest: () => Partial<Leaks>,
  random: Random,
): Promise<TapedSession> {
  const { request, response } = phrases(random)
  const server = await serve(serverOptions, () => response)
  const tap = await startTap({ port: server.port, name: () => 'session' })
  try {
    const shares = knownShares(defaultProvider(), random)
    await ask(tap.port, { ...client, crypto: shares.crypto }, request)
    await tap.idle()
    const session = { tape: tap.tape[0] as TapedConnection, request, response }
    if (!opens(session, { ...rest(), ...shares.broken })) {
      throw new Error('the adversary cannot open the tape although he has every component')
    }
    return session
  } finally {
    await tap.close()
    await server.close()
  }
}

/** Whether anything of what was said is open to an adversary who has the tape and what leaked. */
export function opens({ tape, request, response }: TapedSession, leaks: Partial<Leaks>): boolean {
  const { client, server } = openConnection(tape, { ...NO_LEAKS, ...leaks }).applicationData
  return client.includes(request) || server.includes(response)
}

export interface Interception {
  /** Whether the man in the middle had the plaintext. */
  readonly isOpen: boolean
  /** Why the client gave up; null when it did not. */
  readonly refusal: ErrorCode | null
}

/**
 * The client is led to a man in the middle, who has a session with it and another one with the server, and passes on what
 * he reads.
 */
export async function intercept(
  { server: serverOptions, client }: Site,
  mask: Mask,
  random: Random,
): Promise<Interception> {
  const { request, response } = phrases(random)
  const server = await serve(serverOptions, () => response)
  let heard = ''
  const mallory = await serveInsistently(mask.server, async (line) => {
    heard += line
    const answer = await ask(server.port, mask.client, line)
    heard += answer
    return answer
  })
  try {
    const refusal = await refusalOf(ask(mallory.port, client, request))
    return { isOpen: heard.includes(request) || heard.includes(response), refusal: refusal?.code ?? null }
  } finally {
    await mallory.close()
    await server.close()
  }
}

function phrases(random: Random) {
  return { request: `request ${toHex(random(24))}`, response: `response ${toHex(random(24))}` }
}
