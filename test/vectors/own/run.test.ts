import { describe, expect, it } from 'vitest'
import { hasFeature } from '../../../src/crypto/index.js'
import type { Trace } from '../../../src/vectors/own/trace.js'
import { failuresOf, importerFile, RUNNERS, traceFiles } from './files.js'

/**
 * Noble is the same on every Node, and where a Node has ML-KEM of its own the other provider is what it is not elsewhere: each
 * plays the traces there, and else the first and the last of each file. The NIST curves of noble take longest, and every
 * file has them with the same few values: of those too the first and the last will do.
 */
const native = hasFeature('ML-KEM-768')

function plays(provider: string, { values }: Trace): boolean {
  if (provider === 'node') return native
  return !native && !/secp/i.test(String(values['group']))
}

function filesFor(provider: string) {
  return traceFiles().map(({ name, document }) => {
    const { traces } = document
    const chosen = traces.filter((trace, i) => plays(provider, trace) || i === 0 || i === traces.length - 1)
    // What is resumed has to be there too.
    const origins = traces.filter(({ id }) => chosen.some(({ resumes }) => resumes === id))
    return { name, document: { ...document, traces: [...new Set([...origins, ...chosen])] } }
  })
}

describe.each(RUNNERS)('the published traces with the $name provider', (crypto) => {
  it.each(filesFor(crypto.name))('hold, recomputed and with our core as either end: $name', async ({ document }) => {
    expect(await failuresOf(document, crypto)).toEqual([])
  })

  it('hold of imports by themselves', async () => {
    expect(await failuresOf(importerFile.document, crypto)).toEqual([])
  })
})
