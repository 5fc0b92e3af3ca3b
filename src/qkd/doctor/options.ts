/** What an examination is told, and what it makes of it. */
import { TrefoilError } from '../../errors.js'
import { requireSaeId } from '../identifiers.js'
import type { MutualTlsCredentials } from '../tlsOptions.js'
import type { Check, Verdict } from './check.js'

/** Certificate chain and private key, as PEM. */
export type ClientCredentials = Omit<MutualTlsCredentials, 'ca'>

export interface ExamineKeyManagerOptions extends MutualTlsCredentials {
  /** `https://host:port`, with a path before `/api/v1` where the deployment has one. */
  readonly url: string
  /** The SAE at the other site with which keys are shared. */
  readonly peerSaeId: string
  /** Our SAE ID, when it is known what the certificate should say. */
  readonly saeId?: string
  /** KME ID that the key manager's certificate and status must carry. */
  readonly kmeId?: string
  /** Name to expect in the key manager's certificate instead of the URL's host. */
  readonly servername?: string
  /** The peer's key manager and the peer's credentials, without which dec_keys cannot be tried. */
  readonly peer?: { readonly url: string; readonly servername?: string } & ClientCredentials
  /** Credentials of a third SAE, at the peer's site, which must not get keys that are not for it. */
  readonly other?: ClientCredentials
  /** A certificate with our names from a CA that the key manager does not know. */
  readonly foreign?: ClientCredentials
  /** Size of the keys asked for, in bits; by default what `status` calls its default. */
  readonly keySize?: number
  /** For each request; default 5000. */
  readonly timeoutMilliseconds?: number
  /** Keys taken at most; default 300. Checks that would take more are skipped. */
  readonly maxKeys?: number
  /** Told of each finding as soon as it is made. */
  readonly onFinding?: (finding: Finding) => void
  readonly random: (length: number) => Uint8Array
  readonly signal?: AbortSignal
}

export interface Finding extends Verdict, Pick<Check, 'id' | 'clause'> {}

export interface KeyManagerReport {
  /** In the order of the checks. */
  readonly findings: readonly Finding[]
  readonly passed: number
  readonly warned: number
  readonly failed: number
  readonly skipped: number
  /** Keys that the key manager gave out because of the examination; all were thrown away. */
  readonly keysTaken: number
}

export const DEFAULT_TIMEOUT = 5000
export const DEFAULT_MAX_KEYS = 300

/** @throws TrefoilError ERR_INVALID_OPTION */
export function checkOptions(options: ExamineKeyManagerOptions): void {
  for (const url of [options.url, ...(options.peer ? [options.peer.url] : [])]) requireHttps(url)
  for (const saeId of [options.peerSaeId, ...(options.saeId === undefined ? [] : [options.saeId])]) requireSaeId(saeId)
  requireWhole(options.timeoutMilliseconds ?? DEFAULT_TIMEOUT, 1, 'timeoutMilliseconds')
  requireWhole(options.maxKeys ?? DEFAULT_MAX_KEYS, 0, 'maxKeys')
  if (options.keySize !== undefined) requireWhole(options.keySize, 1, 'keySize')
}

function requireHttps(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === 'https:' && url.username + url.password + url.search + url.hash === '') return
  throw new TrefoilError('ERR_INVALID_OPTION', 'the URL of a key manager is https://host:port, with a path at most')
}

function requireWhole(value: number, least: number, option: string): void {
  if (Number.isSafeInteger(value) && value >= least && value < 2 ** 31) return
  throw new TrefoilError('ERR_INVALID_OPTION', `${option} is not a whole number from ${least}`)
}
