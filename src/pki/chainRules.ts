/**
 * The rules that a chain is held to, each with the place that it is taken from, and which of them a refusal rests on.
 * A refusal itself stays a plain `TrefoilError`; what is noted beside it is for people and for tables.
 */
import { type ErrorCode, TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'

/** By name: where the rule stands. */
export const CHAIN_RULES = {
  'has a certificate': 'RFC 9846 4.5.2',
  'chain is short': 'RFC 9846 4.5.2',
  'well-formed': 'RFC 5280 4.1',
  'version 3': 'RFC 9846 4.5.2',
  'critical extensions known': 'RFC 5280 4.2',
  'valid already': 'RFC 5280 6.1.3 a 2',
  'not expired': 'RFC 5280 6.1.3 a 2',
  'usage fits ML-DSA': 'RFC 9881 5',
  'key long enough': 'NIST SP 800-131A 3',
  'key accepted': 'RFC 9846 4.3.3',
  'may sign a handshake': 'RFC 9846 4.5.2',
  'for this purpose': 'RFC 5280 4.2.1.12',
  'names the server': 'RFC 9525 6',
  'issuer is an authority': 'RFC 5280 6.1.4 k',
  'issuer may sign certificates': 'RFC 5280 6.1.4 n',
  'path length': 'RFC 5280 6.1.4 l and m',
  'signature algorithm accepted': 'RFC 9846 4.3.3',
  'signature verifies': 'RFC 5280 6.1.3 a 1',
  'name constraints': 'RFC 5280 6.1.3 b and c',
  'leads to a trust anchor': 'RFC 5280 6.1',
  'search is bounded': 'RFC 9846 4.5.2',
} as const

export type ChainRule = keyof typeof CHAIN_RULES

/** Why a chain was refused. */
export interface ChainFault {
  readonly rule: ChainRule
  /** Where the rule stands. */
  readonly reference: string
  /** The certificate that breaks it; null when it is none in particular. */
  readonly certificate: Certificate | null
}

const faults = new WeakMap<TrefoilError, ChainFault>()

/** A refusal of a chain, to be thrown. */
export function chainError(
  rule: ChainRule,
  certificate: Certificate | null,
  code: ErrorCode,
  message: string,
): TrefoilError {
  const error = new TrefoilError(code, message)
  noteFault(error, rule, certificate)
  return error
}

/** Notes what a refusal from elsewhere rests on, unless that is known already. */
export function noteFault(error: TrefoilError, rule: ChainRule, certificate: Certificate | null): void {
  if (!faults.has(error)) faults.set(error, Object.freeze({ rule, reference: CHAIN_RULES[rule], certificate }))
}

/** The rule that a refusal by `verifyChain` rests on; null for any other error. */
export function chainFault(error: unknown): ChainFault | null {
  return error instanceof TrefoilError ? (faults.get(error) ?? null) : null
}
