/** The portable provider: noble's TypeScript and the runtime's generator, nothing of Node. */
import { isCipherSuite } from '../cipherSuites.js'
import { keySharesFrom } from '../keyShares.js'
import type { CryptoProvider } from '../provider.js'
import { isSignatureScheme, SIGNATURE_SCHEMES } from '../signatureSchemes.js'
import { aead } from './aead.js'
import { nobleCurve } from './curves.js'
import { createHash, hash, hmacKey } from './hash.js'
import { nobleMlkem } from './mlkem.js'
import { randomBytes } from './random.js'
import { generateSigningKey, signingKey, verifyingKey } from './signatures.js'

/**
 * Runs wherever JavaScript does. Knows every group and suite and every scheme but RSA's. About ten times slower than
 * native code, and JavaScript makes no promise of constant time: see SECURITY.md.
 */
export const nobleProvider: CryptoProvider = {
  name: 'noble',
  randomBytes,
  hash,
  createHash,
  hmacKey,
  aead,
  supportsCipherSuite: isCipherSuite,
  supportsSignatureScheme: (scheme) => isSignatureScheme(scheme) && !SIGNATURE_SCHEMES[scheme].key.startsWith('rsa'),
  ...keySharesFrom({ curve: nobleCurve, mlkem: nobleMlkem }),
  verifyingKey,
  signingKey,
  generateSigningKey,
}
