/** The handshakes that are measured: for each, what both ends are configured with, here and with node:tls. */
import { randomBytes } from 'node:crypto'
import type { ConnectionOptions as NodeConnectionOptions, TlsOptions as NodeServerOptions } from 'node:tls'
import type { CryptoProvider } from '../../crypto/index.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import type { IssuedAlgorithm } from '../../pki/index.js'
import { inProcessPair, type KeySource } from '../../qkd/index.js'
import { type Parties, partiesOf, SAES, SERVER_NAME } from './materials.js'

export interface Mode {
  readonly name: string
  /** In a few words, for tables. */
  readonly description: string
  /** Default ML-DSA-65 where there are certificates; null in a mode without. */
  readonly certificates: IssuedAlgorithm | null
  readonly clientCertificate?: boolean
  /** `raw`: an external PSK as it is, which is all that node:tls knows; `imported`: ours, by RFC 9258. */
  readonly psk?: 'raw' | 'imported'
  readonly qkd?: boolean
  /** By the ticket of the handshake before. */
  readonly resumed?: boolean
  /** The peer's chain has not been seen before, in any handshake. */
  readonly unknownChain?: boolean
  readonly group?: string
  readonly cipher?: string
}

const AES_256 = 'TLS_AES_256_GCM_SHA384'
/** The one suite with which node:tls takes a PSK. */
const AES_128 = 'TLS_AES_128_GCM_SHA256'

export const MODES = [
  { name: 'mldsa65-server', description: 'ML-DSA-65 server certificate', certificates: 'mldsa65' },
  {
    name: 'mldsa65-mutual',
    description: 'ML-DSA-65 certificates of both',
    certificates: 'mldsa65',
    clientCertificate: true,
  },
  { name: 'psk', description: 'external PSK, AES-128-GCM', certificates: null, psk: 'raw', cipher: AES_128 },
  { name: 'psk-imported', description: 'imported PSK', certificates: null, psk: 'imported' },
  { name: 'psk+qkd', description: 'PSK and QKD key', certificates: null, psk: 'imported', qkd: true },
  {
    name: 'certificate+qkd',
    description: 'ML-DSA-65 server certificate and QKD key',
    certificates: 'mldsa65',
    qkd: true,
  },
  { name: 'resumption', description: 'ticket, after ML-DSA-65', certificates: 'mldsa65', resumed: true },
  {
    name: 'mldsa65-server-unknown',
    description: 'ML-DSA-65 server certificate, chain not seen before',
    certificates: 'mldsa65',
    unknownChain: true,
  },
  { name: 'mldsa44-server', description: 'ML-DSA-44 server certificate', certificates: 'mldsa44' },
  { name: 'mldsa87-server', description: 'ML-DSA-87 server certificate', certificates: 'mldsa87' },
  {
    name: 'secp256r1mlkem768',
    description: 'ML-DSA-65 server certificate, SecP256r1MLKEM768',
    certificates: 'mldsa65',
    group: 'SecP256r1MLKEM768',
  },
  {
    name: 'secp384r1mlkem1024',
    description: 'ML-DSA-65 server certificate, SecP384r1MLKEM1024',
    certificates: 'mldsa65',
    group: 'SecP384r1MLKEM1024',
  },
] as const satisfies readonly Mode[]

export type ModeName = (typeof MODES)[number]['name']

export function modeNamed(name: ModeName): Mode {
  return MODES.find((mode) => mode.name === name) as Mode
}

const PSK_IDENTITY = 'bench'
const DEFAULT_GROUP = 'X25519MLKEM768'

/** What does not change from one handshake of a mode to the next. */
export interface Ends {
  readonly client: ConnectionOptions
  readonly server: ServerOptions
}

/** Where QKD keys come from, for the client's end and the server's. */
export type KeySources = readonly [client: KeySource, server: KeySource]

/** Keys in memory, so that no key manager is measured along. */
export function memorySources(): KeySources {
  return inProcessPair({ siteA: SAES.client, siteB: SAES.server, random: (length) => randomBytes(length) })
}

export function endsOf(mode: Mode, crypto: CryptoProvider, sources: KeySources = memorySources()): Ends {
  const parties = mode.certificates === null ? null : partiesOf(mode.certificates)
  const common = {
    crypto,
    ciphers: mode.cipher ?? AES_256,
    groups: mode.group ?? DEFAULT_GROUP,
    ...(mode.psk !== undefined && { psk: pskOf(mode.psk) }),
  }
  const [clientSource, serverSource] = sources
  const qkd = (source: KeySource, localSaeId: string, peerSaeId: string) => ({
    ...(mode.qkd === true && { qkd: { source, localSaeId, peerSaeId } }),
  })
  return {
    client: {
      ...common,
      servername: SERVER_NAME,
      ...(parties !== null && { ca: parties.ca }),
      ...(parties !== null && mode.clientCertificate === true && parties.client),
      ...qkd(clientSource, SAES.client, SAES.server),
    },
    server: {
      ...common,
      ...parties?.server,
      ...(parties !== null && mode.clientCertificate === true && { ca: parties.ca, requestCert: true }),
      // To count resumptions it issues one ticket, as OpenSSL does after a PSK.
      ...(mode.psk === 'raw' && { resumption: { maxResumptions: 1000 } }),
      ...qkd(serverSource, SAES.server, SAES.client),
    },
  }
}

type NodeCommon = Pick<NodeServerOptions, 'ciphers' | 'ecdhCurve' | 'minVersion'>

/** The same for node:tls; null where it has nothing like it. */
export function nodeEndsOf(mode: Mode): { client: NodeConnectionOptions; server: NodeServerOptions } | null {
  if (mode.qkd === true || mode.psk === 'imported') return null
  const common = {
    ciphers: mode.cipher ?? AES_256,
    ecdhCurve: mode.group ?? DEFAULT_GROUP,
    minVersion: 'TLSv1.3',
  } as const
  if (mode.psk === 'raw') return nodePskEnds(common)
  const parties = partiesOf(mode.certificates as IssuedAlgorithm)
  return nodeCertificateEnds(mode, parties, common)
}

function nodeCertificateEnds(mode: Mode, parties: Parties, common: NodeCommon) {
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

function nodePskEnds(common: NodeCommon) {
  return {
    client: {
      ...common,
      servername: SERVER_NAME,
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk: PSK_KEY, identity: PSK_IDENTITY }),
    },
    server: { ...common, pskCallback: () => PSK_KEY },
  }
}

/** A constant of this run. */
const PSK_KEY = randomBytes(32)

function pskOf(kind: 'raw' | 'imported') {
  return { identity: PSK_IDENTITY, key: PSK_KEY, ...(kind === 'raw' && { importer: false, hash: 'SHA-256' as const }) }
}
