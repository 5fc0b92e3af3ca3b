/** What the demonstration claims of each handshake, held against what both processes reported. */
import type { HandshakeEvent } from '../output.js'
import { SAE_A, SAE_B } from './materials.js'
import { type Observed, PSK_IDENTITY, type Scenario } from './scenario.js'

export interface Claim {
  readonly claim: string
  readonly holds: boolean
}

/** @param earlierKeyIds key_IDs of the handshakes before this one */
export function check({ name }: Scenario, observed: Observed, earlierKeyIds: readonly string[]): Claim[] {
  const { client, server } = observed
  const both = (test: (end: HandshakeEvent) => boolean): boolean => test(client) && test(server)
  const keyId = client.qkd?.keyId
  const common: Claim[] = [
    claim(
      'X25519 is in the key exchange',
      both(({ keyExchange }) => keyExchange.x25519),
    ),
    claim(
      'ML-KEM-768 is in the key exchange',
      both(({ keyExchange }) => keyExchange.mlkem === 'ML-KEM-768'),
    ),
    claim(
      'a QKD key is in the key schedule',
      both(({ qkd }) => qkd !== null && qkd.source === 'etsi014'),
    ),
    claim('both sides used the QKD key with the same key_ID', keyId !== undefined && keyId === server.qkd?.keyId),
    claim('the QKD key is fresh', keyId !== undefined && !earlierKeyIds.includes(keyId) && both((end) => !end.resumed)),
    claim(
      'the QKD key was delivered to these two SAEs',
      isBetween(client, SAE_A, SAE_B) && isBetween(server, SAE_B, SAE_A),
    ),
    claim('both sides agree on the cipher suite', client.cipher === server.cipher),
    claim(`${observed.octetsSent} octets went to the server and came back unchanged`, observed.echoed),
    claim('the connection was closed by close_notify in both directions', observed.closedCleanly),
  ]
  return [...common, ...(name === 'certificate' ? certificateClaims(client, server) : pskClaims(client, server))]
}

function certificateClaims(client: HandshakeEvent, server: HandshakeEvent): Claim[] {
  const byMldsa = ({ authentication }: HandshakeEvent) =>
    authentication.peer === 'certificate' && authentication.scheme === 'mldsa65'
  return [
    claim('the client knows the server by its ML-DSA-65 certificate', byMldsa(client)),
    claim('the server knows the client by its ML-DSA-65 certificate', byMldsa(server)),
    claim('it is the right server', client.peerSubject === 'CN=site-b-server'),
    claim('it is the right client', server.peerSubject === 'CN=site-a-client'),
  ]
}

function pskClaims(client: HandshakeEvent, server: HandshakeEvent): Claim[] {
  const byPsk = ({ authentication, psk }: HandshakeEvent) =>
    authentication.peer === 'psk' && psk?.identity === PSK_IDENTITY
  return [
    claim('the client knows the server by the pre-shared key', byPsk(client)),
    claim('the server knows the client by the pre-shared key', byPsk(server)),
  ]
}

function isBetween({ qkd }: HandshakeEvent, local: string, peer: string): boolean {
  return qkd?.localSaeId === local && qkd.peerSaeId === peer
}

function claim(text: string, holds: boolean): Claim {
  return { claim: text, holds }
}
