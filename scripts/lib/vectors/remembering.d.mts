import type { CryptoProvider } from '../../../src/crypto/provider.js'

/** The provider, which computes no key exchange, key pair or signature twice: all of them are functions of their inputs. */
export function remembering(provider: CryptoProvider): CryptoProvider
