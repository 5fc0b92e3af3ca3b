/**
 * The life of a QKD link's authentication: at first contact the peer proves who it is by certificate or auth PSK, with a
 * QKD key mixed in; from then on the QKD keys, which only the two SAEs can fetch, authenticate sessions by themselves.
 * This is the register of who has proved itself. It holds no secret; like a list of known hosts it must not be
 * writable for others.
 */
import { TrefoilError, toTrefoilError } from '../../errors.js'
import { isIdentifier } from '../../qkd/identifiers.js'

/** What proved an identity: a certificate's key, an auth PSK, or the QKD key that only the two SAEs could fetch. */
export type AuthenticatedBy = 'certificate' | 'psk' | 'qkd'

/** How and when somebody proved who it is. */
export interface Authentication {
  /** On a server whose clients show no certificate this is `qkd`: first contact proved the server alone. */
  readonly by: AuthenticatedBy
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Whom an entry is about. */
export interface BootstrapPeer {
  readonly keySource: string
  readonly localSaeId: string
  readonly peerSaeId: string
  /** The name that the server was asked for, and has proved; null on a server. */
  readonly serverName: string | null
}

export interface BootstrapEntry extends BootstrapPeer, Authentication {}

export interface QkdBootstrapOptions {
  /** How long a proof lasts; then the next handshake is by certificate or PSK again. Default 86,400, one day. */
  readonly maxAgeSeconds?: number | undefined
  /** Those of an earlier run. What has grown too old is passed over. */
  readonly entries?: readonly BootstrapEntry[] | undefined
  /**
   * Told the new list whenever it changes, for instance to keep it in a file. What it throws becomes a process warning:
   * the session stands.
   */
  readonly onChange?: ((entries: readonly BootstrapEntry[]) => void) | undefined
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: (() => number) | undefined
}

/** A server remembers no more peers than this; the oldest proof goes first, and its peer has to prove itself again. */
const MAX_ENTRIES = 10_000

/**
 * Given as `qkd.bootstrap`, shared by all the connections of a program. A client with an entry for its server offers
 * the QKD key alone; a server takes a QKD key alone from peers that it has an entry for, and refuses it from others
 * with ERR_POLICY_CERTIFICATE_MISSING or ERR_UNKNOWN_PSK_IDENTITY. A client that is refused forgets its entry, so that
 * its next connection begins anew.
 */
export class QkdBootstrap {
  readonly #entries = new Map<string, BootstrapEntry>()
  readonly #maxAge: number
  readonly #onChange: (entries: readonly BootstrapEntry[]) => void
  readonly #now: () => number

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor({ maxAgeSeconds = 86_400, entries = [], onChange = () => {}, now = Date.now }: QkdBootstrapOptions = {}) {
    if (!(maxAgeSeconds > 0)) throw new TrefoilError('ERR_INVALID_OPTION', 'maxAgeSeconds is not above zero')
    this.#maxAge = 1000 * maxAgeSeconds
    this.#onChange = (entries) => {
      try {
        onChange(entries)
      } catch (thrown) {
        process.emitWarning(`the bootstrap register could not be kept: ${toTrefoilError(thrown).message}`)
      }
    }
    this.#now = now
    for (const entry of entries) {
      if (!isEntry(entry))
        throw new TrefoilError('ERR_INVALID_OPTION', 'an entry of the bootstrap register is unusable')
      this.#entries.set(nameOf(entry), freeze(entry))
    }
  }

  /** The entries that still count, oldest first. */
  get entries(): readonly BootstrapEntry[] {
    return [...this.#entries.values()].filter((entry) => this.#isCurrent(entry))
  }

  /** How the peer proved who it is, or null when it has not, or too long ago. */
  find(peer: BootstrapPeer): Authentication | null {
    const entry = this.#entries.get(nameOf(peer))
    return entry !== undefined && this.#isCurrent(entry) ? Object.freeze({ by: entry.by, at: entry.at }) : null
  }

  /** Notes that the peer has proved who it is just now. */
  remember(peer: BootstrapPeer, by: AuthenticatedBy): void {
    const name = nameOf(peer)
    // Deleted first, so that the order of the map is that of the proofs.
    this.#entries.delete(name)
    this.#entries.set(name, freeze({ ...peer, by, at: this.#now() }))
    if (this.#entries.size > MAX_ENTRIES) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#onChange(this.entries)
  }

  /** The peer must prove itself again; also the way to withdraw a peer by hand. */
  forget(peer: BootstrapPeer): void {
    if (this.#entries.delete(nameOf(peer))) this.#onChange(this.entries)
  }

  #isCurrent({ at }: BootstrapEntry): boolean {
    const age = this.#now() - at
    // A clock that was set back makes no proof younger than it is.
    return age >= 0 && age < this.#maxAge
  }
}

function nameOf({ keySource, localSaeId, peerSaeId, serverName }: BootstrapPeer): string {
  return JSON.stringify([keySource, localSaeId, peerSaeId, serverName])
}

function freeze({ keySource, localSaeId, peerSaeId, serverName, by, at }: BootstrapEntry): BootstrapEntry {
  return Object.freeze({ keySource, localSaeId, peerSaeId, serverName, by, at })
}

function isEntry(entry: unknown): entry is BootstrapEntry {
  if (typeof entry !== 'object' || entry === null) return false
  const { keySource, localSaeId, peerSaeId, serverName, by, at } = entry as Record<string, unknown>
  return (
    [keySource, localSaeId, peerSaeId].every(isIdentifier) &&
    (serverName === null || isIdentifier(serverName)) &&
    (by === 'certificate' || by === 'psk' || by === 'qkd') &&
    Number.isSafeInteger(at)
  )
}
