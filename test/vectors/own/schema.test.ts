import { describe, expect, it } from 'vitest'
import { faults, isValid, traceFiles } from './files.js'

describe('vectors/schema.json', () => {
  it.each(traceFiles())('describes $name', ({ document }) => {
    expect(isValid(document), JSON.stringify(faults())).toBe(true)
  })

  it('allows no field that it does not name, and no octets that are no hex', () => {
    const [file] = traceFiles()
    const [trace] = file?.document.traces ?? []
    const changed = (change: object) => ({ ...file?.document, traces: [{ ...trace, ...change }] })
    expect(isValid(changed({}))).toBe(true)
    expect(isValid(changed({ note: 'more' }))).toBe(false)
    expect(isValid(changed({ values: { ...trace?.values, sharedSecret: 'abc' } }))).toBe(false)
    expect(isValid(changed({ values: { ...trace?.values, sharedSecrets: 'ab' } }))).toBe(false)
    expect(isValid(changed({ exporter: undefined }))).toBe(false)
  })
})
