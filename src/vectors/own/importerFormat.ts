/** vectors/importer.json: RFC 9258 imports by themselves, each recomputed and done by the core's own importer. */
import { toHex } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import type { VectorCase, VectorFormat, VectorOutcome } from '../format.js'
import { difference, PASSED } from './compare.js'
import { makePsks } from './recompute/psks.js'
import { pskFor } from './replay/psks.js'
import type { Hex, ImportedInput } from './trace.js'

type ImporterCase = Omit<ImportedInput, 'type' | 'context'> & {
  readonly targetHash: HashAlgorithm
  readonly epsk: Hex
  readonly context: Hex
  readonly importedIdentity: Hex
  readonly psk: Hex
}

export const importerFormat: VectorFormat = {
  name: 'Trefoil importer',

  recognises: (document) => isList(document) && document.cases.length > 0 && document.cases.every(isCase),

  cases(document) {
    if (!isList(document) || !document.cases.every(isCase)) throw new Error('the file has no importer cases')
    return document.cases.map(caseOf)
  },
}

function caseOf(vector: ImporterCase, index: number): VectorCase {
  const { kind, epskHash, targetHash } = vector
  return {
    id: `case ${index + 1}: ${kind}, ${epskHash} to ${targetHash}`,
    run: (crypto) => runCase(crypto, vector),
  }
}

function runCase(crypto: CryptoProvider, vector: ImporterCase): VectorOutcome {
  const { targetHash, epsk, context, importedIdentity, psk, ...input } = vector
  const imported: ImportedInput = { type: 'imported', ...input }
  const [made] = makePsks(crypto, [imported], [targetHash])
  const [ours] = pskFor(crypto, [imported], [targetHash])
  const computed = { epsk: made?.imported?.epsk, context: made?.imported?.context }
  return (
    difference({ epsk, context }, computed, '') ??
    difference({ importedIdentity, psk }, { importedIdentity: made?.identity, psk: made?.psk }, '') ??
    difference({ importedIdentity, psk }, { importedIdentity: hexOf(ours?.identity), psk: hexOf(ours?.psk) }, '') ??
    PASSED
  )
}

const hexOf = (octets: Uint8Array | undefined): Hex => toHex(octets ?? new Uint8Array(0))

function isList(document: unknown): document is { cases: unknown[] } {
  return Array.isArray((document as { cases?: unknown } | null)?.cases)
}

function isCase(value: unknown): value is ImporterCase {
  const names = ['epskHash', 'targetHash', 'epsk', 'context', 'importedIdentity', 'psk'] as const
  const vector = value as Record<string, unknown> | null
  return typeof vector === 'object' && vector !== null && names.every((name) => typeof vector[name] === 'string')
}
