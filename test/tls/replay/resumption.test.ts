/** The recorded resumption pairs, with the ticket that our own core kept from the first connection. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import type { PskOffer } from '../../../src/tls/index.js'
import { CoreReplay } from '../../../src/vectors/recordings/coreReplay.js'
import { recordedRecords, recordsIn } from '../../../src/vectors/recordings/sentRecords.js'
import { PROVIDERS } from '../../support/providers.js'
import { opensslTraces, type Trace } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

/** The recorder resumed one second after it got the ticket. */
const TICKET_AGE = 1000

describeVectors('a session that our core took from a recorded connection', () => {
  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(['1301', '1302'])('resumes the next recorded one, binder and all: suite %s', (suite) => {
      const [session, ...others] = new CoreReplay(provider, traceNamed(`c-resume-1-${suite}`), 'client').run().sessions
      expect(others).toHaveLength(1)
      if (session === undefined) throw new Error('there is no session')
      const second = traceNamed(`c-resume-2-${suite}`)
      const offer: PskOffer = {
        psks: [
          {
            identity: session.ticket,
            obfuscatedTicketAge: (session.ticketAgeAdd + TICKET_AGE) % 2 ** 32,
            psk: session.psk.slice(),
            hash: session.hash,
            kind: 'resumption',
            source: 'our own ticket',
          },
        ],
        withCertificate: false,
        required: false,
      }
      const replay = new CoreReplay(provider, second, 'client', { offerPsks: () => offer }).run()
      expect(replay.error).toBeNull()
      expect(replay.differences).toEqual([])
      expect(recordsIn(replay.sent)).toEqual(recordedRecords(second, 'client'))
      expect(replay.summary).toMatchObject({
        psk: { kind: 'resumption', source: 'our own ticket' },
        peerCertificateChain: null,
      })
      expect(toHex(session.psk)).toBe(second.values.psk)
    })
  })
})

function traceNamed(id: string): Trace {
  const trace = opensslTraces().find((candidate) => candidate.id === id)
  if (trace === undefined) throw new Error(`there is no trace ${id}`)
  return trace
}
