/**
 * Named groups out of their components, written once for every provider: the order of the halves, the lengths, and
 * the wiping. A hybrid's share and secret are the plain concatenation of its halves (RFC 10024); what ties them
 * together is the key schedule that the secret enters.
 */
import { concat, wipe } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { isNamedGroup, NAMED_GROUPS, type NamedGroupName } from './groups.js'
import type { KeyExchange, KeyExchanges, PrivateShare } from './keyExchange.js'
import type { CryptoProvider, KeyShare } from './provider.js'

export function keySharesFrom(
  exchanges: KeyExchanges,
): Pick<CryptoProvider, 'supportsGroup' | 'generateKeyShare' | 'respondToKeyShare'> {
  return {
    supportsGroup: isNamedGroup,

    generateKeyShare(group, seed) {
      const components = componentsOf(group, exchanges)
      const seeds = splitSeed(seed, components, 'clientSeedLength')
      const halves: PrivateShare[] = []
      try {
        for (const [i, component] of components.entries()) halves.push(component.generate(seeds[i]))
      } catch (failure) {
        wipeAll(halves)
        throw failure
      }
      return keyShare(group, components, halves)
    },

    respondToKeyShare(group, clientShare, seed) {
      const components = componentsOf(group, exchanges)
      const seeds = splitSeed(seed, components, 'serverSeedLength')
      const shares = splitShare(group, clientShare, components, 'clientShareLength')
      const serverShares: Uint8Array[] = []
      const secrets: Uint8Array[] = []
      try {
        for (const [i, component] of components.entries()) {
          const response = component.respond(shares[i] as Uint8Array, seeds[i])
          serverShares.push(response.serverShare)
          secrets.push(response.sharedSecret)
        }
        return { serverShare: concat(...serverShares), sharedSecret: concat(...secrets) }
      } finally {
        wipe(...secrets)
      }
    },
  }
}

function keyShare(group: NamedGroupName, components: readonly KeyExchange[], halves: PrivateShare[]): KeyShare {
  let spent = false
  return {
    group,
    publicShare: concat(...halves.map((half) => half.publicShare)),
    agree(serverShare) {
      if (spent) throw new TrefoilError('ERR_INVALID_STATE', `the ${group} key share has already been used or wiped`)
      spent = true
      const secrets: Uint8Array[] = []
      try {
        const shares = splitShare(group, serverShare, components, 'serverShareLength')
        for (const [i, half] of halves.entries()) secrets.push(half.agree(shares[i] as Uint8Array))
        return concat(...secrets)
      } finally {
        wipe(...secrets)
        wipeAll(halves)
      }
    },
    wipe() {
      spent = true
      wipeAll(halves)
    },
  }
}

/** The components in the order of the share's halves. */
function componentsOf(group: NamedGroupName, exchanges: KeyExchanges): readonly KeyExchange[] {
  if (!isNamedGroup(group)) throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', `unknown named group ${String(group)}`)
  const { mlkem, curve, mlkemFirst } = NAMED_GROUPS[group]
  if (mlkem === null) return [exchanges.curve(curve)]
  // RFC 10024: ML-KEM leads in X25519MLKEM768, the curve leads in the groups of the NIST curves.
  return mlkemFirst
    ? [exchanges.mlkem(mlkem), exchanges.curve(curve)]
    : [exchanges.curve(curve), exchanges.mlkem(mlkem)]
}

function splitShare(
  group: NamedGroupName,
  share: Uint8Array,
  components: readonly KeyExchange[],
  length: 'clientShareLength' | 'serverShareLength',
): Uint8Array[] {
  const wanted = NAMED_GROUPS[group][length]
  // RFC 10024: a share of any other length ends the handshake with illegal_parameter.
  if (share.length !== wanted) {
    const sentence = `the peer's ${group} key share has ${share.length} octets in place of ${wanted}`
    throw new TrefoilError('ERR_BAD_KEY_SHARE', sentence)
  }
  return split(share, components, length)
}

function splitSeed(
  seed: Uint8Array | undefined,
  components: readonly KeyExchange[],
  length: 'clientSeedLength' | 'serverSeedLength',
): Uint8Array[] {
  if (seed === undefined) return []
  const wanted = components.reduce((sum, component) => sum + component[length], 0)
  if (seed.length !== wanted) {
    throw new TrefoilError(
      'ERR_INVALID_OPTION',
      `the seed of this key share takes ${wanted} octets, not ${seed.length}`,
    )
  }
  return split(seed, components, length)
}

function split<Length extends keyof KeyExchange>(
  octets: Uint8Array,
  components: readonly Record<Length, number>[],
  length: Length,
): Uint8Array[] {
  let offset = 0
  return components.map((component) => {
    const piece = octets.subarray(offset, offset + component[length])
    offset += component[length]
    return piece
  })
}

function wipeAll(halves: readonly PrivateShare[]): void {
  for (const half of halves) half.wipe()
}
