/** What a server's PSKs are made of, and what they are to its connections. */
import type { TrefoilError } from '../../errors.js'
import type { HandshakeSummary } from '../../tls/index.js'
import type { RequestHandlers } from '../../tls/requests.js'
import type { KeyLookupGate, KeyLookupGuard } from '../keyLookups/index.js'
import type { KeyFetch, KeyFetcherOptions } from './keyFetcher.js'
import type { PskOptions } from './options.js'
import type { SessionStoreSettings } from './sessionStore.js'
import type { Resumed } from './source.js'

export interface ServerPskOptions extends PskOptions {
  /** Where sessions are kept, and what bounds look-ups there; without it in their tickets. */
  readonly sessions?: (SessionStoreSettings & { readonly guard: KeyLookupGuard }) | null | undefined
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: (() => number) | undefined
}

export interface ServerConnectionOptions extends KeyFetcherOptions {
  /** For look-ups of PSKs; null where the transport has none. */
  readonly remoteAddress?: string | null | undefined
  /** Told when policy `prefer` goes on without a QKD key because the key source failed. */
  readonly onFallback?: ((error: TrefoilError) => void) | undefined
  /** Lets look-ups through to the key source, or refuses them; default: lets all through. */
  readonly gate?: KeyLookupGate | undefined
  /** Whether the peer of a session would still be accepted; default yes. */
  readonly mayResume?: ((session: Resumed) => boolean) | undefined
}

export interface ServerPsks {
  forConnection(options?: ServerConnectionOptions): ServerConnectionPsks
}

export interface ServerConnectionPsks {
  readonly handlers: Pick<RequestHandlers, 'selectPsk' | 'fetchPsk' | 'sealTicket'>
  readonly keyFetch: KeyFetch
  /** The client proved who it is: enters it into the bootstrap register, if there is one. */
  onAuthenticated(summary: HandshakeSummary): void
  onFailed(): void
  /** The refusal where a look-up has not answered in time; null when none is waited for. */
  overdue(): TrefoilError | null
}
