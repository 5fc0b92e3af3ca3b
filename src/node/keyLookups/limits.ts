/** The options that bound look-ups at the key manager, checked and with their defaults. */
import { TrefoilError } from '../../errors.js'

/** Part of a server's options. How the bounds work together: docs/flood-protection.md. */
export interface KeyLookupOptions {
  /** Look-ups at the key manager going on at once: in all (default 64) and for one address (default 16). */
  readonly maxKeyLookups?: number | undefined
  readonly maxKeyLookupsPerAddress?: number | undefined
  /** Handshakes that wait for such a look-up to end, within their own time; default 256, 0 refuses them at once. */
  readonly maxWaitingKeyLookups?: number | undefined
  /**
   * Look-ups of key_IDs that the key manager does not know, within `keyLookupWindowSeconds`: in all (default 1,000, at
   * least 4) and from one address (default 20). Beyond them look-ups are refused until some of the window has passed.
   */
  readonly maxUnknownKeyIds?: number | undefined
  readonly maxUnknownKeyIdsPerAddress?: number | undefined
  /** Default 60. */
  readonly keyLookupWindowSeconds?: number | undefined
}

export interface KeyLookupLimits {
  readonly atOnce: number
  readonly atOncePerAddress: number
  readonly waiting: number
  readonly unknown: number
  readonly unknownPerAddress: number
  readonly windowMilliseconds: number
}

/** @throws TrefoilError ERR_INVALID_OPTION */
export function resolveKeyLookupLimits(options: KeyLookupOptions): KeyLookupLimits {
  return {
    atOnce: atLeast(1, options.maxKeyLookups ?? 64, 'maxKeyLookups'),
    atOncePerAddress: atLeast(1, options.maxKeyLookupsPerAddress ?? 16, 'maxKeyLookupsPerAddress'),
    waiting: atLeast(0, options.maxWaitingKeyLookups ?? 256, 'maxWaitingKeyLookups'),
    // Divided among addresses by what is known of them, and every part has one at least.
    unknown: atLeast(4, options.maxUnknownKeyIds ?? 1000, 'maxUnknownKeyIds'),
    unknownPerAddress: atLeast(1, options.maxUnknownKeyIdsPerAddress ?? 20, 'maxUnknownKeyIdsPerAddress'),
    windowMilliseconds: 1000 * atLeast(1, options.keyLookupWindowSeconds ?? 60, 'keyLookupWindowSeconds'),
  }
}

function atLeast(least: number, value: number, option: string): number {
  // Infinity means no bound, and has no place in what is reckoned with it.
  if (typeof value === 'number' && value >= least) return Math.min(value, Number.MAX_SAFE_INTEGER)
  throw new TrefoilError('ERR_INVALID_OPTION', `${option} is a number from ${least}`)
}
