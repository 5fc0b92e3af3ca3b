/**
 * Named groups of the wire profile: code points, share lengths and the order of the halves.
 * Hybrids: RFC 10024 (ecdhe-mlkem). Classical: RFC 9846 section 4.3.7; offered only when the policy allows it.
 */

interface NamedGroup {
  /** IANA "TLS Supported Groups". */
  readonly codePoint: number
  /** Octets of the client's and of the server's key_exchange. */
  readonly clientShareLength: number
  readonly serverShareLength: number
  /** Octets fed to HKDF-Extract. */
  readonly sharedSecretLength: number
  /** Octets of randomness that determine the client's share, in the order of the share's halves (ML-KEM: d ‖ z). */
  readonly clientSeedLength: number
  /** The same for the server (ML-KEM: m). */
  readonly serverSeedLength: number
  /** The ML-KEM parameter set, null for classical groups. */
  readonly mlkem: 'ML-KEM-768' | 'ML-KEM-1024' | null
  /** The elliptic-curve half. */
  readonly curve: 'X25519' | 'P-256' | 'P-384'
  /** Whether ML-KEM comes first in shares, seeds and secret (it does for X25519MLKEM768, whatever the name says). */
  readonly mlkemFirst: boolean
}

export const NAMED_GROUPS = {
  X25519MLKEM768: {
    codePoint: 0x11ec,
    clientShareLength: 1216,
    serverShareLength: 1120,
    sharedSecretLength: 64,
    clientSeedLength: 96,
    serverSeedLength: 64,
    mlkem: 'ML-KEM-768',
    curve: 'X25519',
    mlkemFirst: true,
  },
  SecP384r1MLKEM1024: {
    codePoint: 0x11ed,
    clientShareLength: 1665,
    serverShareLength: 1665,
    sharedSecretLength: 80,
    clientSeedLength: 112,
    serverSeedLength: 80,
    mlkem: 'ML-KEM-1024',
    curve: 'P-384',
    mlkemFirst: false,
  },
  SecP256r1MLKEM768: {
    codePoint: 0x11eb,
    clientShareLength: 1249,
    serverShareLength: 1153,
    sharedSecretLength: 64,
    clientSeedLength: 96,
    serverSeedLength: 64,
    mlkem: 'ML-KEM-768',
    curve: 'P-256',
    mlkemFirst: false,
  },
  x25519: {
    codePoint: 0x001d,
    clientShareLength: 32,
    serverShareLength: 32,
    sharedSecretLength: 32,
    clientSeedLength: 32,
    serverSeedLength: 32,
    mlkem: null,
    curve: 'X25519',
    mlkemFirst: false,
  },
  secp256r1: {
    codePoint: 0x0017,
    clientShareLength: 65,
    serverShareLength: 65,
    sharedSecretLength: 32,
    clientSeedLength: 32,
    serverSeedLength: 32,
    mlkem: null,
    curve: 'P-256',
    mlkemFirst: false,
  },
  secp384r1: {
    codePoint: 0x0018,
    clientShareLength: 97,
    serverShareLength: 97,
    sharedSecretLength: 48,
    clientSeedLength: 48,
    serverSeedLength: 48,
    mlkem: null,
    curve: 'P-384',
    mlkemFirst: false,
  },
} as const satisfies Record<string, NamedGroup>

export type NamedGroupName = keyof typeof NAMED_GROUPS

/** The profile's hybrid groups, most preferred first. */
export const HYBRID_GROUPS: readonly NamedGroupName[] = ['X25519MLKEM768', 'SecP384r1MLKEM1024', 'SecP256r1MLKEM768']
/** Classical groups for migration, most preferred first. */
export const CLASSICAL_GROUPS: readonly NamedGroupName[] = ['x25519', 'secp256r1', 'secp384r1']

export function isNamedGroup(name: string): name is NamedGroupName {
  return Object.hasOwn(NAMED_GROUPS, name)
}

const BY_CODE_POINT = new Map<number, NamedGroupName>(
  (Object.keys(NAMED_GROUPS) as NamedGroupName[]).map((name) => [NAMED_GROUPS[name].codePoint, name]),
)

/** The group with this code point, or undefined when we do not know it. */
export function groupByCodePoint(codePoint: number): NamedGroupName | undefined {
  return BY_CODE_POINT.get(codePoint)
}
