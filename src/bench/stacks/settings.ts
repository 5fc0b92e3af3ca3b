/** What is compared with what, as plain JSON that processes can be told. */
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { IssuedAlgorithm } from '../../pki/index.js'

/** `tcp` is no security at all: the floor under both others. */
export const STACKS = ['trefoil', 'node-tls', 'tcp'] as const
export type Stack = (typeof STACKS)[number]

/** By what the ends know each other. */
export type Mode = 'certificate' | 'mutual' | 'psk'

/** PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** Long-term keys of both ends. They are made for one run and worth nothing after it. */
export interface Credentials {
  readonly algorithm: IssuedAlgorithm
  /** PEM. */
  readonly authority: string
  readonly server: Identity
  readonly client: Identity
  /** In hex. */
  readonly psk: string
}

/** What both TLS stacks are told to negotiate. */
export interface Profile {
  readonly mode: Mode
  readonly suite: CipherSuiteName
  readonly group: NamedGroupName
}

export interface StackSettings {
  readonly stack: Stack
  readonly profile: Profile
  readonly credentials: Credentials
  /** Trefoil only: where the primitives come from; default what it takes by itself. */
  readonly provider?: 'noble'
  /** Trefoil only: the server signs in a thread of its own. */
  readonly workerSigner?: boolean
}

export const SERVER_NAME = 'localhost'
export const PSK_IDENTITY = 'bench'
