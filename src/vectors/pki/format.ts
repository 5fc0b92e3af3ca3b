/**
 * PEM files: certificates, private and public keys. They hold no answers, so that only what they say of themselves can be checked:
 * a self-signed certificate verifies, the parts of a private key belong together, a signature beside a public key is by
 * it. What is refused may have been made to be refused: it is skipped with the reason, and never passes.
 */
import { readPem } from '../../pki/index.js'
import type { VectorCase, VectorFormat } from '../format.js'
import { certificateCase } from './certificateCase.js'
import { privateKeyCase, publicKeyCase } from './keyCases.js'

const KNOWN = /^-----BEGIN (?:CERTIFICATE|(?:[A-Z]+ )?PRIVATE KEY|PUBLIC KEY)-----[ \t]*$/m

export const pemFiles: VectorFormat = {
  name: 'PEM certificates and keys',
  recognises: (document) => typeof document === 'string' && KNOWN.test(document),
  cases(document) {
    const blocks = readPem(document as string)
    return blocks.flatMap((block, index): VectorCase[] => {
      const id = `block ${index + 1} (${block.label})`
      if (block.label === 'CERTIFICATE') return [certificateCase(id, block, blocks)]
      if (block.label.endsWith('PRIVATE KEY')) return [privateKeyCase(id, block)]
      if (block.label === 'PUBLIC KEY') return [publicKeyCase(id, block, blocks)]
      // Beside a public key, where their case takes them.
      return []
    })
  },
}
