/** How both ends of a scenario are set up. Plain JSON, so that a process of its own can be told of it. */
import type { CipherSuiteName, NamedGroupName } from '../../crypto/index.js'
import type { IssuedAlgorithm } from '../../pki/index.js'

export interface Setup {
  /** Who shows a certificate. */
  readonly certificates: 'none' | 'server' | 'mutual'
  /** Of certificates and CA. */
  readonly signatures: IssuedAlgorithm
  /** An auth PSK: through the importer (RFC 9258), or as it is. With certificates it is used together with them (RFC 9973). */
  readonly psk: 'none' | 'imported' | 'raw'
  readonly qkd: 'off' | 'prefer' | 'require'
  /** The key manager of the client answers nothing. */
  readonly keyManagerDown: boolean
  /** The ends have met before, and need no more proof than a QKD key (`qkd.bootstrap`). */
  readonly metBefore: boolean
  readonly cipherSuite: CipherSuiteName
  /** Most preferred first. A client whose first group the server does not have is asked again (HelloRetryRequest). */
  readonly groups: { readonly client: readonly NamedGroupName[]; readonly server: readonly NamedGroupName[] }
  readonly tickets: boolean
  /** A second connection resumes the session of the first; needs tickets. */
  readonly resumes: boolean
  /** Both ends change their keys after the first request and response, and there is another of each. */
  readonly keyUpdate: boolean
}

/** One server certificate, X25519MLKEM768, nothing else. */
export const PLAIN_SETUP: Setup = {
  certificates: 'server',
  // The fastest in JavaScript; what signs is not in the derivation of any key.
  signatures: 'mldsa44',
  psk: 'none',
  qkd: 'off',
  keyManagerDown: false,
  metBefore: false,
  cipherSuite: 'TLS_AES_256_GCM_SHA384',
  groups: { client: ['X25519MLKEM768'], server: ['X25519MLKEM768'] },
  tickets: false,
  resumes: false,
  keyUpdate: false,
}
