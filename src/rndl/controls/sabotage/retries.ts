/** Tells a broken endpoint that it has been through a HelloRetryRequest. */
import type { CryptoProvider } from '../../../crypto/provider.js'

/** RFC 9846 4.5.1: after a retry the transcript begins with this type of message in place of ClientHello1. */
const MESSAGE_HASH = 254

/** The same provider, which sets `retry.seen` from what is hashed. */
export function watchRetries(provider: CryptoProvider, retry: { seen: boolean }): CryptoProvider {
  return {
    ...provider,
    createHash(algorithm) {
      const running = provider.createHash(algorithm)
      return {
        update(message) {
          if (message[0] === MESSAGE_HASH) retry.seen = true
          running.update(message)
        },
        digest: () => running.digest(),
      }
    },
  }
}
