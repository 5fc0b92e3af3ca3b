import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownFormats } from '../../../src/vectors/own/index.js'
import { FORMAT } from '../../../src/vectors/own/trace.js'
import { importerFile, traceFiles } from './files.js'

const knownBy = (document: unknown) =>
  ownFormats.filter((format) => format.recognises(document)).map(({ name }) => name)

describe('a format', () => {
  it.each([importerFile, ...traceFiles()])('knows its files by their contents, and no other does: $name', (file) => {
    expect(knownBy(file.document)).toEqual([file === importerFile ? 'Trefoil importer' : 'Trefoil handshakes'])
  })

  it('knows no other document, and throws at none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        expect(knownBy(document)).toEqual([])
      }),
    )
  })

  it('says of a malformed file of its own what is wrong with it', () => {
    const [handshakes, importer] = ownFormats
    const trace = { id: 'a', inputs: {}, values: {}, messages: [], flow: [], result: {} }
    for (const document of [
      {},
      { traces: [] },
      { identities: {}, traces: [{}] },
      { identities: {}, traces: [trace] },
    ]) {
      expect(() => handshakes?.cases({ format: FORMAT, ...document })).toThrow(/has no (traces|keylog)/)
    }
    expect(() => importer?.cases({ cases: [{}] })).toThrow('the file has no importer cases')
  })

  it('lets a trace fail that is nothing but empty, without running for ever', async () => {
    const trace = { id: 'a', inputs: {}, values: {}, messages: [], flow: [], keylog: [], result: {} }
    const cases = ownFormats[0]?.cases({ format: FORMAT, identities: {}, traces: [trace] }) ?? []
    expect(cases.map(({ id }) => id)).toEqual(['a values', 'a as client', 'a as server'])
    for (const { run } of cases) await expect(async () => run({} as never)).rejects.toThrow()
  })
})
