/** ML-KEM-768 and ML-KEM-1024 (FIPS 203) in portable code. */
import { ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { wipe } from '../../bytes.js'
import { attempt } from '../attempt.js'
import { type KeyExchange, MLKEM_SIZES, type MlkemName } from '../keyExchange.js'

const EXCHANGES: Record<MlkemName, KeyExchange> = {
  'ML-KEM-768': exchange('ML-KEM-768', ml_kem768),
  'ML-KEM-1024': exchange('ML-KEM-1024', ml_kem1024),
}

export function nobleMlkem(name: MlkemName): KeyExchange {
  return EXCHANGES[name]
}

function exchange(name: MlkemName, mlkem: typeof ml_kem768): KeyExchange {
  return {
    ...MLKEM_SIZES[name],
    generate(seed) {
      const { publicKey, secretKey } = mlkem.keygen(seed)
      return {
        publicShare: publicKey,
        // An altered ciphertext gives another secret, not an error (FIPS 203 6.3, implicit rejection).
        agree: (ciphertext) =>
          attempt(
            () => mlkem.decapsulate(ciphertext, secretKey),
            'ERR_BAD_KEY_SHARE',
            `the peer's share holds no ${name} ciphertext`,
          ),
        wipe: () => wipe(secretKey),
      }
    },
    respond(encapsulationKey, seed) {
      // FIPS 203 7.2: encapsulate refuses a key with a coefficient that is not reduced modulo q.
      const { cipherText, sharedSecret } = attempt(
        () => mlkem.encapsulate(encapsulationKey, seed),
        'ERR_BAD_KEY_SHARE',
        `the peer's share holds no valid ${name} encapsulation key`,
      )
      return { serverShare: cipherText, sharedSecret }
    },
  }
}
