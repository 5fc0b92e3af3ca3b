/** NIST's ACVP files (github.com/usnistgov/ACVP-Server, gen-val/json-files). */
import type { VectorFormat } from '../format.js'
import { acvpMldsaKeyGen, acvpMldsaSigGen, acvpMldsaSigVer } from './mldsa.js'
import { acvpMlkemEncapDecap, acvpMlkemKeyGen } from './mlkem.js'
import { acvpTls13Kdf } from './tls13Kdf.js'

export const acvpFormats: readonly VectorFormat[] = [
  acvpMlkemKeyGen,
  acvpMlkemEncapDecap,
  acvpMldsaKeyGen,
  acvpMldsaSigGen,
  acvpMldsaSigVer,
  acvpTls13Kdf,
]
