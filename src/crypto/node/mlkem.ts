/** ML-KEM-768 and ML-KEM-1024 (FIPS 203) by node:crypto, where it has them. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { attempt } from '../attempt.js'
import { type KeyExchange, MLKEM_SIZES, type MlkemName, type PrivateShare } from '../keyExchange.js'
import { nobleMlkem } from '../noble/mlkem.js'
import type { FeatureTest } from './features.js'
import { exportPublic, importPublic, importSeed, KEY_ENCODINGS } from './keys.js'
import { modern, plain } from './modern.js'

export function nodeMlkem(name: MlkemName, has: FeatureTest): KeyExchange {
  const raw = has(`raw ${name}`)
  return {
    ...MLKEM_SIZES[name],
    generate: (seed) => generate(name, raw, seed),
    respond(encapsulationKey, seed) {
      // Native encapsulation draws m itself and cannot be told one.
      if (seed !== undefined) return nobleMlkem(name).respond(encapsulationKey, seed)
      // FIPS 203 7.2: OpenSSL refuses a key with a coefficient that is not reduced modulo q when it is imported.
      const { ciphertext, sharedKey } = attempt(
        () => modern.encapsulate(importPublic(name, encapsulationKey, raw)),
        'ERR_BAD_KEY_SHARE',
        `the peer's share holds no valid ${name} encapsulation key`,
      )
      return { serverShare: plain(ciphertext), sharedSecret: plain(sharedKey) }
    },
  }
}

function generate(name: MlkemName, raw: boolean, seed: Uint8Array | undefined): PrivateShare {
  const { privateKey, publicKey } =
    seed === undefined ? modern.generateKeyPairSync(KEY_ENCODINGS[name].keyType) : fromSeed(name, seed)
  let held: KeyObject | null = privateKey
  return {
    publicShare: exportPublic(name, publicKey, raw),
    agree(ciphertext) {
      const own = held as KeyObject
      // An altered ciphertext gives another secret, not an error (FIPS 203 6.3, implicit rejection).
      return attempt(
        () => plain(modern.decapsulate(own, ciphertext)),
        'ERR_BAD_KEY_SHARE',
        `the peer's share holds no ${name} ciphertext`,
      )
    },
    wipe() {
      held = null
    },
  }
}

function fromSeed(name: MlkemName, seed: Uint8Array): { privateKey: KeyObject; publicKey: KeyObject } {
  const privateKey = importSeed(name, seed)
  return { privateKey, publicKey: createPublicKey(privateKey) }
}
