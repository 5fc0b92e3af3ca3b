/** One row of the table of chains. */
import type { SignatureSchemeName } from '../../../src/crypto/index.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES } from '../../../src/crypto/index.js'
import type { ErrorCode } from '../../../src/errors.js'
import type { CertificateUsage, ChainRule } from '../../../src/pki/index.js'
import type { Crafted } from '../craft.js'
import { HOST } from './certify.js'

/** What the verifier accepts: ML-DSA alone, with classical signatures inside certificates, or classical throughout. */
export type RowPolicy = 'strict' | 'classical certificates' | 'classical'

export interface Row {
  /** Stable, in lower case with hyphens. */
  readonly name: string
  /** What is wrong, or what makes it worth a row although nothing is. */
  readonly about: string
  /** Null: the chain is good. */
  readonly expected: { readonly code: ErrorCode; readonly rule: ChainRule } | null
  readonly usage: CertificateUsage
  /** What the verifier takes the server to be called. */
  readonly serverName: string
  readonly policy: RowPolicy
  /** The chain as it is sent, and the store of the verifier. */
  readonly made: () => Made
  /** Why OpenSSL comes to another verdict; there where it does, and nowhere else. */
  readonly difference: string | null
}

export interface Made {
  readonly chain: readonly (Crafted | Uint8Array)[]
  readonly anchors: readonly Crafted[]
  /** Whose key signs the handshake, where it is not the first certificate's. */
  readonly signer?: Crafted
}

export interface RowOptions {
  readonly usage?: CertificateUsage
  readonly serverName?: string
  readonly policy?: RowPolicy
  readonly difference?: string
}

export function good(name: string, about: string, made: () => Made, options: RowOptions = {}): Row {
  return row(name, about, null, made, options)
}

export function bad(
  name: string,
  about: string,
  [code, rule]: readonly [ErrorCode, ChainRule],
  made: () => Made,
  options: RowOptions = {},
): Row {
  return row(name, about, { code, rule }, made, options)
}

function row(name: string, about: string, expected: Row['expected'], made: () => Made, options: RowOptions): Row {
  let kept: Made | null = null
  const once = (): Made => {
    kept ??= made()
    return kept
  }
  const { usage = 'server', serverName = HOST, policy = 'strict', difference = null } = options
  return { name, about, expected, usage, serverName, policy, made: once, difference }
}

/** Both lists of schemes that stand for a policy. */
export function schemesOf(policy: RowPolicy): {
  readonly allowedSchemes: readonly SignatureSchemeName[]
  readonly leafSchemes: readonly SignatureSchemeName[]
} {
  const all = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES]
  return {
    allowedSchemes: policy === 'strict' ? MLDSA_SCHEMES : all,
    leafSchemes: policy === 'classical' ? all : MLDSA_SCHEMES,
  }
}

export const octets = (certificate: Crafted | Uint8Array): Uint8Array =>
  certificate instanceof Uint8Array ? certificate : certificate.der
