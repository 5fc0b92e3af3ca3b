/** Where the public known answers come from: none of them are part of this package. */
export interface VectorSource {
  readonly what: string
  readonly url: string
}

export const VECTOR_SOURCES: readonly VectorSource[] = [
  { what: 'NIST ACVP (gen-val/json-files)', url: 'https://github.com/usnistgov/ACVP-Server' },
  { what: 'Wycheproof (testvectors_v1)', url: 'https://github.com/C2SP/wycheproof' },
  { what: 'RFC 5869, 7748, 8439 and 8448', url: 'https://www.rfc-editor.org' },
  { what: 'ML-DSA certificates of the IETF hackathon', url: 'https://github.com/IETF-Hackathon/pqc-certificates' },
  { what: 'examples of RFC 9881', url: 'https://github.com/lamps-wg/dilithium-certificates' },
  { what: 'Botan (src/tests/data)', url: 'https://github.com/randombit/botan' },
]

/** For whoever looks for files that are not there: a line for each source. */
export function describeVectorSources(): string {
  const width = Math.max(...VECTOR_SOURCES.map(({ what }) => what.length))
  return VECTOR_SOURCES.map(({ what, url }) => `  ${what.padEnd(width)}  ${url}`).join('\n')
}
