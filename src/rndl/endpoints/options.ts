/** The options that both ends of a scenario give to Trefoil: what any user would write for it. */
import { fromHex } from '../../bytes.js'
import { CIPHER_SUITES, CLASSICAL_GROUPS, type CryptoProvider } from '../../crypto/index.js'
import type { ConnectionOptions, ServerOptions, TLSOptions } from '../../node/options.js'
import { type PskOption, QkdBootstrap, type QkdOption } from '../../node/psk/index.js'
import type { KeySource } from '../../qkd/index.js'
import type { Setup } from '../scenarios/setup.js'
import { type Materials, type Parties, SAES, SERVER_NAME } from './materials.js'

/** What an end works with. */
export interface Means {
  readonly crypto: CryptoProvider
  /** Null without QKD. */
  readonly source: KeySource | null
}

/** A busy machine may take its time. */
const HANDSHAKE_TIMEOUT = 60_000

export function clientOptions(setup: Setup, materials: Materials, means: Means): ConnectionOptions {
  const parties = partiesOf(setup, materials)
  return {
    ...common(setup, materials, means, 'client'),
    servername: SERVER_NAME,
    ...(setup.certificates !== 'none' && { ca: parties.ca.cert }),
    ...(setup.certificates === 'mutual' && { cert: parties.client.cert, key: parties.client.key }),
  }
}

export function serverOptions(setup: Setup, materials: Materials, means: Means): ServerOptions {
  const parties = partiesOf(setup, materials)
  return {
    ...common(setup, materials, means, 'server'),
    tickets: setup.tickets,
    ...(setup.tickets && { ticketKeys: fromHex(materials.ticketKeys) }),
    ...(setup.certificates !== 'none' && { cert: parties.server.cert, key: parties.server.key }),
    ...(setup.certificates === 'mutual' && { ca: parties.ca.cert, requestCert: true }),
  }
}

/** @throws RangeError when the run made none of that algorithm */
export function partiesOf({ signatures }: Setup, { parties }: Materials): Parties {
  const made = parties[signatures]
  if (made === undefined) throw new RangeError(`no certificates with ${signatures} were made for this run`)
  return made
}

function common(setup: Setup, materials: Materials, means: Means, end: 'client' | 'server'): TLSOptions {
  const { cipherSuite, certificates } = setup
  const groups = setup.groups[end]
  const psk = pskOption(setup, materials, end)
  const qkd = qkdOption(setup, means, end)
  return {
    crypto: means.crypto,
    ciphers: [cipherSuite],
    groups,
    policy: {
      allowClassicalKeyExchange: groups.some((group) => CLASSICAL_GROUPS.includes(group)),
      allowClassicalAuthentication: !setup.signatures.startsWith('mldsa'),
    },
    handshakeTimeout: HANDSHAKE_TIMEOUT,
    ...(psk !== null && { psk, pskWithCertificate: certificates !== 'none' }),
    ...(qkd !== null && { qkd }),
  }
}

function pskOption({ psk, cipherSuite }: Setup, { authPsk }: Materials, end: 'client' | 'server'): PskOption | null {
  if (psk === 'none') return null
  const key = fromHex(authPsk.key)
  // A raw external PSK goes with the suites of its own hash alone.
  if (psk === 'raw') return { identity: authPsk.identity, key, importer: false, hash: CIPHER_SUITES[cipherSuite].hash }
  const peer = end === 'client' ? 'server' : 'client'
  return { identity: authPsk.identity, key, localId: SAES[end], peerId: SAES[peer] }
}

function qkdOption({ qkd, tickets, metBefore }: Setup, { source }: Means, end: 'client' | 'server'): QkdOption | null {
  if (qkd === 'off' || source === null) return null
  const [localSaeId, peerSaeId] = end === 'client' ? [SAES.client, SAES.server] : [SAES.server, SAES.client]
  return {
    source,
    localSaeId,
    peerSaeId,
    policy: qkd,
    // Under `require` tickets must be asked for.
    ...(tickets && qkd === 'require' && { resumption: { maxAgeSeconds: 3600 } }),
    ...(metBefore && { bootstrap: new QkdBootstrap() }),
  }
}
