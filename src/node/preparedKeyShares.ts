/**
 * A client's key shares, made ahead while nothing else is to be done: its ClientHello then goes out without waiting for
 * them. Each is used once. One that nobody has come for is wiped soon, so that private keys do not lie about.
 */
import type { NamedGroupName } from '../crypto/groups.js'
import { defaultProvider } from '../crypto/index.js'
import type { CryptoProvider, KeyShare } from '../crypto/provider.js'

/** Milliseconds: how long a share is kept, and within what time of another connection one is worth making. */
const LIFETIME = 30_000

/** At most one for each group. */
export class PreparedKeyShares {
  readonly #crypto: CryptoProvider
  readonly #ready = new Map<NamedGroupName, { readonly share: KeyShare; readonly expiry: NodeJS.Timeout }>()
  /** Groups of which a share was asked for lately, until when that counts. */
  readonly #wanted = new Map<NamedGroupName, NodeJS.Timeout>()
  readonly #scheduled = new Set<NamedGroupName>()

  constructor(crypto: CryptoProvider) {
    this.#crypto = crypto
  }

  /** A share that nobody else has or gets. @throws TrefoilError as `CryptoProvider.generateKeyShare` */
  take(group: NamedGroupName): KeyShare {
    const ready = this.#ready.get(group)
    this.#ready.delete(group)
    clearTimeout(ready?.expiry)
    const share = ready?.share ?? this.#crypto.generateKeyShare(group)
    this.#expectAnother(group)
    return share
  }

  /** A process that connects once makes none in vain: the second connection in a while is the sign of more. */
  #expectAnother(group: NamedGroupName): void {
    const seen = this.#wanted.get(group)
    clearTimeout(seen)
    this.#wanted.set(group, setTimeout(() => this.#wanted.delete(group), LIFETIME).unref())
    if (seen === undefined || this.#scheduled.has(group)) return
    this.#scheduled.add(group)
    // After what is due now, and not if that is all that this process has to do.
    setImmediate(() => this.#prepare(group)).unref()
  }

  #prepare(group: NamedGroupName): void {
    this.#scheduled.delete(group)
    if (this.#ready.has(group)) return
    let share: KeyShare
    try {
      share = this.#crypto.generateKeyShare(group)
    } catch {
      // Whoever asks for the next one will hear of it: here nobody does.
      return
    }
    const expiry = setTimeout(() => {
      this.#ready.delete(group)
      share.wipe()
    }, LIFETIME).unref()
    this.#ready.set(group, { share, expiry })
  }
}

const ofDefaultProvider = new PreparedKeyShares(defaultProvider())

/** What makes a client's key shares: ahead with the provider of this Node, when they are asked for with a caller's own. */
export function keyShareMaker(crypto: CryptoProvider): (group: NamedGroupName) => KeyShare {
  if (crypto === defaultProvider()) return (group) => ofDefaultProvider.take(group)
  return (group) => crypto.generateKeyShare(group)
}
