/** What both ends of a mode are configured with, here and with node:tls. */
import type { ConnectionOptions as NodeConnectionOptions, TlsOptions as NodeServerOptions } from 'node:tls'
import { fromHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/index.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import { createSecureContext, type SecureContext } from '../../node/secureContext.js'
import { VerifiedChains } from '../../pki/index.js'
import type { KeySource } from '../../qkd/index.js'
import { type KeySources, memorySources } from './keySources.js'
import { type Materials, materialsWith, type Parties, SAES, SERVER_NAME } from './materials.js'
import { DEFAULT_GROUP, DEFAULT_SUITE, type Mode } from './modes.js'

/** What does not change from one handshake of a mode to the next. */
export interface Ends {
  readonly client: ConnectionOptions
  readonly server: ServerOptions
}

/** What an end keeps from one handshake to the next; one that remembers no chain, where that is the mode. */
export function keptContext({ verifiedAnew }: Mode, options: ConnectionOptions | ServerOptions): SecureContext {
  const context = createSecureContext(options)
  return verifiedAnew === true ? { ...context, verifiedChains: new VerifiedChains({ size: 0 }) } : context
}

export function endsOf(
  mode: Mode,
  crypto: CryptoProvider,
  [clientSource, serverSource]: KeySources = memorySources(),
  { parties, psk }: Materials = materialsWith(mode.certificates),
): Ends {
  const common = {
    crypto,
    ciphers: mode.cipher ?? DEFAULT_SUITE,
    groups: mode.group ?? DEFAULT_GROUP,
  }
  const mutual = mode.clientCertificate === true
  const external = (localId: string, peerId: string) => ({
    ...(mode.psk !== undefined && { psk: pskOf(mode.psk, psk, { localId, peerId }) }),
  })
  const qkd = (source: KeySource, localSaeId: string, peerSaeId: string) => ({
    ...(mode.qkd === true && { qkd: { source, localSaeId, peerSaeId } }),
  })
  return {
    client: {
      ...common,
      servername: SERVER_NAME,
      ...(parties !== null && { ca: parties.ca }),
      ...(parties !== null && mutual && parties.client),
      ...external(SAES.client, SAES.server),
      ...qkd(clientSource, SAES.client, SAES.server),
    },
    server: {
      ...common,
      ...parties?.server,
      ...(parties !== null && mutual && { ca: parties.ca, requestCert: true }),
      // To count resumptions it issues one ticket, as OpenSSL does after a PSK.
      ...(mode.psk === 'raw' && { resumption: { maxResumptions: 1000 } }),
      ...external(SAES.server, SAES.client),
      ...qkd(serverSource, SAES.server, SAES.client),
    },
  }
}

const PSK_IDENTITY = 'bench'

/** A raw PSK has no place for names (RFC 9257 4.1), and is of the hash of the one suite that node:tls has for it. */
function pskOf(kind: 'raw' | 'imported', key: string, names: { readonly localId: string; readonly peerId: string }) {
  const common = { identity: PSK_IDENTITY, key: fromHex(key) }
  return kind === 'raw' ? { ...common, importer: false, hash: 'SHA-256' as const } : { ...common, ...names }
}

export interface NodeEnds {
  readonly client: NodeConnectionOptions
  readonly server: NodeServerOptions
}

/** The same for node:tls; null where it has nothing like it. */
export function nodeEndsOf(mode: Mode, materials: Materials = materialsWith(mode.certificates)): NodeEnds | null {
  if (mode.qkd === true || mode.psk === 'imported') return null
  const common = {
    ciphers: mode.cipher ?? DEFAULT_SUITE,
    ecdhCurve: mode.group ?? DEFAULT_GROUP,
    minVersion: 'TLSv1.3',
  } as const
  if (materials.parties !== null) return nodeCertificateEnds(mode, materials.parties, common)
  const psk = Buffer.from(materials.psk, 'hex')
  return {
    client: {
      ...common,
      servername: SERVER_NAME,
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk, identity: PSK_IDENTITY }),
    },
    server: { ...common, pskCallback: () => psk },
  }
}

type NodeCommon = Pick<NodeServerOptions, 'ciphers' | 'ecdhCurve' | 'minVersion'>

function nodeCertificateEnds(mode: Mode, parties: Parties, common: NodeCommon): NodeEnds {
  const mutual = mode.clientCertificate === true
  return {
    client: { ...common, ca: parties.ca, servername: SERVER_NAME, ...(mutual && parties.client) },
    server: {
      ...common,
      ...parties.server,
      ...(mutual && { ca: parties.ca, requestCert: true, rejectUnauthorized: true }),
    },
  }
}
