/** The handshakes that are measured. */
import type { CipherSuiteName, NamedGroupName } from '../../crypto/index.js'
import type { IssuedAlgorithm } from '../../pki/index.js'
import type { MeasureOptions } from '../report/sections.js'

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
  /** Chains are not remembered, so that each is verified anew. */
  readonly verifiedAnew?: boolean
  /** The one that is offered; default X25519MLKEM768. */
  readonly group?: NamedGroupName
  /** The one that is offered; default TLS_AES_256_GCM_SHA384. */
  readonly cipher?: CipherSuiteName
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
    name: 'mldsa65-server-anew',
    description: 'ML-DSA-65 server certificate, chain verified every time',
    certificates: 'mldsa65',
    verifiedAnew: true,
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

export interface ModeOptions extends MeasureOptions {
  /** Names of modes; all unless given. */
  readonly modes?: readonly string[] | undefined
}

export const MODE_NAMES: readonly string[] = MODES.map(({ name }) => name)

export type ModeName = (typeof MODES)[number]['name']

/** Of the modes named, those that are wanted; all of them where nothing is said. */
export function selectModes({ modes }: ModeOptions, names: readonly string[] = MODE_NAMES): readonly Mode[] {
  return MODES.filter(({ name }) => names.includes(name) && (modes === undefined || modes.includes(name)))
}

export function modeNamed(name: ModeName): Mode {
  return MODES.find((mode) => mode.name === name) as Mode
}

export const DEFAULT_GROUP = 'X25519MLKEM768'
export const DEFAULT_SUITE = AES_256
