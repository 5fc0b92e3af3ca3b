/** The halves of the hybrid groups, which a provider itself shows only together. */
import type { KeyExchanges } from '../../crypto/keyExchange.js'
import { nobleCurve } from '../../crypto/noble/curves.js'
import { nobleMlkem } from '../../crypto/noble/mlkem.js'
import { nodeCurve } from '../../crypto/node/curves.js'
import { hasFeature } from '../../crypto/node/features.js'
import { nodeMlkem } from '../../crypto/node/mlkem.js'
import type { CryptoProvider } from '../../crypto/provider.js'

/** As the provider itself chooses them. */
export function exchangesOf(provider: CryptoProvider): KeyExchanges {
  if (provider.name === 'noble') return { curve: nobleCurve, mlkem: nobleMlkem }
  return {
    curve: (name) => (hasFeature(name) ? nodeCurve : nobleCurve)(name),
    mlkem: (name) => (hasFeature(name) ? nodeMlkem(name, hasFeature) : nobleMlkem(name)),
  }
}
