/** Whether a scenario was played as it says: a mode that silently became another would prove nothing about either. */
import { TrefoilError } from '../../errors.js'
import type { Protection } from '../../node/protection.js'
import { readPlainHandshake, type TapedConnection } from '../adversary/index.js'
import type { Setup } from '../scenarios/setup.js'
import type { Played } from './assembleRun.js'
import type { ConnectionFacts } from './facts.js'
import { FIRST_CONTACT, SESSION } from './script.js'

/** @throws TrefoilError ERR_INTERNAL that names what is otherwise */
export function checkPlayed(played: Played, setup: Setup): void {
  const { scenario, client, server, script } = played
  for (const [i, { name, resumes }] of script.connections.entries()) {
    const ofClient = client.connections[i]
    const ofServer = server.connections[i]
    const other =
      ofClient === undefined || ofServer === undefined || ofClient.name !== name || ofServer.name !== name
        ? 'the number of connections'
        : ofClient.exported !== ofServer.exported
          ? 'what the two ends export'
          : (absence(setup, i, ofClient, ofServer) ??
            difference(setup, played.tape, name, resumes, ofClient.protection))
    if (other === null) continue
    throw new TrefoilError('ERR_INTERNAL', `${scenario} was not played as it should be: ${other} (${name})`)
  }
}

/** What the setup promises to protect and did not pass: it would have no cells, and nobody would miss them. */
function absence(setup: Setup, connection: number, client: ConnectionFacts, server: ConnectionFacts): string | null {
  const { certificates, tickets } = setup
  const meets = connection === 0
  const checks: readonly (readonly [string, boolean])[] = [
    ['the certificate of the server', !meets || (client.peerCertificate !== null) === (certificates !== 'none')],
    ['the certificate of the client', !meets || (server.peerCertificate !== null) === (certificates === 'mutual')],
    ['the ticket', client.name !== SESSION || client.sessions.length > 0 === tickets],
  ]
  return checks.find(([, holds]) => !holds)?.[0] ?? null
}

/** The first thing that is not as set up, in words. */
function difference(
  setup: Setup,
  tape: readonly TapedConnection[],
  name: string,
  resumes: boolean,
  { cipher, keyExchange, resumed, qkd, psk, authentication }: Protection,
): string | null {
  const { cipherSuite, groups, certificates } = setup
  const group = groups.server.find((each) => groups.client.includes(each))
  const certified = certificates !== 'none' && !(setup.metBefore && name !== FIRST_CONTACT)
  const taped = tape.find((connection) => connection.name === name)
  const plain = taped === undefined ? null : readPlainHandshake(taped)
  // RFC 9846 4.5.1: a transcript with a retry in it starts with message_hash.
  const retried = plain?.transcript[0] === 254
  const checks: readonly (readonly [string, boolean])[] = [
    ['the cipher suite', cipher === cipherSuite],
    ['the group', keyExchange.group === group],
    ['whether it is resumed', resumed === resumes],
    ['the QKD key', (qkd !== null) === (setup.qkd !== 'off' && !setup.keyManagerDown)],
    ['the auth PSK', (psk !== null) === (setup.psk !== 'none')],
    ['by what the server is known', resumed || (authentication.peer === 'certificate') === certified],
    ['whether there was a HelloRetryRequest', retried === (groups.client[0] !== group)],
  ]
  return checks.find(([, holds]) => !holds)?.[0] ?? null
}
