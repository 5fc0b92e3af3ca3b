/** What a run must have in it to count as the scenario that it says it is. */
import { describe, expect, it } from 'vitest'
import type { Played } from '../../../src/rndl/endpoints/assembleRun.js'
import { checkPlayed } from '../../../src/rndl/endpoints/checkPlayed.js'
import { type KeptSession, scriptOf } from '../../../src/rndl/endpoints/index.js'
import { PLAIN_SETUP } from '../../../src/rndl/scenarios/index.js'

interface Seen {
  readonly ofServer?: string
  readonly ofClient?: string
  readonly sessions?: readonly KeptSession[]
}

const seed = new Uint8Array(32).fill(1)
const SETUP = { ...PLAIN_SETUP, certificates: 'mutual', tickets: true } as const
const SESSIONS = [{ ticket: '01', resumptionPsk: '02', hash: 'sha256' }] as const

/** One connection, and which certificates and tickets either end has seen. */
function played({ ofServer, ofClient, sessions = SESSIONS }: Seen): Played {
  const end = (peerCertificate: string | undefined, kept: readonly KeptSession[]) => {
    const facts = {
      name: 'session',
      peerCertificate: peerCertificate ?? null,
      exported: '',
      keyLog: [],
      sessions: kept,
    }
    return { connections: [facts], trace: [] } as unknown as Played['client']
  }
  return {
    scenario: 'test',
    script: scriptOf(SETUP, seed),
    belongings: { authPsks: new Map(), ticketKeys: null, signingKeys: [], caKeys: [] },
    tape: [],
    client: end(ofServer, sessions),
    server: end(ofClient, []),
    qkdPool: new Map(),
    delivery: null,
  }
}

describe('a play that lacks what it should protect is refused', () => {
  it.each([
    ['the certificate of the server', { ofClient: '30' }],
    ['the certificate of the client', { ofServer: '30' }],
    ['the ticket', { ofServer: '30', ofClient: '30', sessions: [] }],
  ])('%s', (what, seen: Seen) => {
    expect(() => checkPlayed(played(seen), SETUP)).toThrow(`test was not played as it should be: ${what} (session)`)
  })

  it('and so is one with a certificate that nobody should have shown', () => {
    const setup = { ...SETUP, certificates: 'server' } as const
    expect(() => checkPlayed(played({ ofServer: '30', ofClient: '30' }), setup)).toThrow(
      'the certificate of the client',
    )
  })
})
