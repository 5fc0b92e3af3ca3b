/** What was said once is said again: a proof of possession, or a whole side of a recorded connection. */
import type { ExternalSigner } from '../../../src/index.js'
import { sentBy } from '../../../src/rndl/adversary/index.js'
import { clientIdentity, identity, serverIdentity } from '../../modes/identities.js'
import { gullible, keepingProofs } from '../attackersEnds.js'
import { confront, type Outcome } from '../confront.js'
import { encodeRecord, isClientHello, on, readClientHello, readServerHello } from '../editing.js'
import { recordsOf } from '../manInTheMiddle.js'
import type { Family } from '../row.js'
import { BY_BOTH, BY_CERTIFICATE, BY_KEY, EVERY_MODE, MUTUAL, type Setting } from '../settings.js'

const PROOF = 'CertificateVerify signs this transcript (RFC 9846 4.5.3)'

export const REPLAYS: Family = {
  title: 'Replay',
  rows: [
    {
      attack: 'has met the server before, and shows its certificate and its CertificateVerify of then',
      notices: [
        { modes: [...BY_CERTIFICATE, ...BY_BOTH], by: 'client', code: 'ERR_BAD_CERTIFICATE_VERIFY', check: PROOF },
      ],
      async scene(honest) {
        const { crypto, proofs } = keepingProofs()
        await confront({ ...honest, client: { ...honest.client, crypto } })
        const { cert } = serverIdentity
        return { ...honest, server: { ...honest.server, cert, key: saying(proofs[0]?.signature), crypto: gullible } }
      },
    },
    {
      attack: 'has met the client before, and shows its certificate and its CertificateVerify of then',
      notices: [{ modes: MUTUAL, by: 'server', code: 'ERR_BAD_CERTIFICATE_VERIFY', check: PROOF }],
      async scene(honest) {
        const { crypto, proofs } = keepingProofs()
        const own = { ...identity('mallory.test'), crypto }
        await confront({
          server: { ...honest.server, ...own },
          client: { ...honest.client, servername: 'mallory.test' },
        })
        const { cert } = clientIdentity
        return { ...honest, client: { ...honest.client, cert, key: saying(proofs[0]?.signature), crypto: gullible } }
      },
    },
    {
      attack: 'plays all that a server once said to another client',
      notices: [
        {
          modes: EVERY_MODE,
          by: 'client',
          code: 'ERR_ILLEGAL_PARAMETER',
          check: 'the session id is that of this hello (RFC 9846 4.2.3)',
        },
      ],
      scene: async (honest) => playedToClient(honest, (record) => record),
    },
    {
      attack: 'plays it with the session id made to fit',
      notices: [
        {
          modes: EVERY_MODE,
          by: 'client',
          code: 'ERR_BAD_RECORD_MAC',
          check: 'each key exchange is fresh (RFC 9846 7.1)',
        },
      ],
      scene: async (honest) =>
        playedToClient(honest, (record, hello) => {
          const { sessionId } = readClientHello(hello)
          return encodeRecord({ ...readServerHello(record), sessionId })
        }),
    },
    {
      attack: 'plays all that a client once said',
      notices: [
        {
          modes: [...BY_CERTIFICATE, 'psk'],
          by: 'server',
          code: 'ERR_BAD_RECORD_MAC',
          check: 'each key exchange is fresh (RFC 9846 7.1)',
        },
        {
          modes: [...BY_BOTH, ...BY_KEY.filter((mode) => mode !== 'psk')],
          by: 'server',
          code: 'ERR_QKD_KEY_NOT_FOUND',
          check: 'the key manager gives each key once (ETSI GS QKD 014 5.4)',
        },
      ],
      async scene(honest) {
        const recorded = said(await confront(honest), 'client')
        return {
          ...honest,
          attacker: () => {
            let played = false
            return (passing, line) => {
              if (passing.from === 'server') return null
              if (!played) line.toServer(recorded)
              played = true
              return null
            }
          },
        }
      },
    },
  ],
}

/** A signature, whatever it is asked to sign. */
function saying(signature: Uint8Array | undefined): ExternalSigner {
  if (signature === undefined) throw new Error('no CertificateVerify was seen')
  return { sign: () => signature }
}

const said = (outcome: Outcome, end: 'client' | 'server'): Buffer =>
  sentBy(outcome.tape[0] as Outcome['tape'][number], end)

/** A recorded server answers; `adjust` may change its first record. */
async function playedToClient(honest: Setting, adjust: (record: Buffer, hello: Buffer) => Buffer) {
  const [first, ...rest] = recordsOf(said(await confront(honest), 'server'))
  const attacker = on(isClientHello, ({ record }, line) => {
    for (const answer of [adjust(first as Buffer, record), ...rest]) line.toClient(answer)
    return null
  })
  return { ...honest, attacker }
}
