/** All kinds of file that are known, and which of them a document is of. */
import { acvpFormats } from './acvp/index.js'
import type { VectorFormat } from './format.js'
import { hybridKem } from './hybrid/xwing.js'
import { ownFormats } from './own/index.js'
import { pemFiles } from './pki/format.js'
import { botanTranscript } from './psk/botanTranscript.js'
import { pskImports } from './psk/imports.js'
import { recordings } from './recordings/format.js'
import { rfc8439 } from './rfc/aead.js'
import { rfc5869 } from './rfc/hkdf.js'
import { rfc7748 } from './rfc/x25519.js'
import { wycheproofFormats } from './wycheproof/index.js'

/** What others publish, and what was recorded against others. */
const publishedFormats: readonly VectorFormat[] = [
  ...acvpFormats,
  ...wycheproofFormats,
  rfc5869,
  rfc7748,
  rfc8439,
  hybridKem,
  recordings,
  pskImports,
  botanTranscript,
  pemFiles,
]

/** With what this project publishes in `vectors/`, whose documents are known by none of the formats above. */
export const vectorFormats: readonly VectorFormat[] = [...publishedFormats, ...ownFormats]

/** The formats of a document; a file may hold several kinds of vector side by side. */
export function recogniseVectors(document: unknown): readonly VectorFormat[] {
  return vectorFormats.filter((format) => format.recognises(document))
}
