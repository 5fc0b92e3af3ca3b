/** Wycheproof (github.com/C2SP/wycheproof, testvectors_v1). */
import type { VectorFormat } from '../format.js'
import { wycheproofMldsaSign } from './mldsaSign.js'
import { wycheproofMlkemFormats } from './mlkem.js'
import { wycheproofSignatureFormats } from './signatures.js'
import { wycheproofSymmetricFormats } from './symmetric.js'
import { wycheproofX25519 } from './x25519.js'

export const wycheproofFormats: readonly VectorFormat[] = [
  ...wycheproofMlkemFormats,
  wycheproofMldsaSign,
  ...wycheproofSignatureFormats,
  wycheproofX25519,
  ...wycheproofSymmetricFormats,
]
