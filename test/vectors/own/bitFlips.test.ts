/**
 * A vector is of use only where every field of it counts: one bit in any of them, and something fails. Each leaf of some
 * traces of each file is changed by itself.
 */
import { describe, expect, it } from 'vitest'
import { remembering } from '../../../scripts/lib/vectors/remembering.mjs'
import { nodeProvider } from '../../../src/crypto/index.js'
import type { Trace, TraceFile } from '../../../src/vectors/own/trace.js'
import { failuresOf, importerFile, isValid, traceFiles } from './files.js'

/** Besides the smallest trace of each file: those with fields that it has not. */
const FURTHER = [
  'psk-qkd-wordy-hello',
  'psk-qkd-key-update-aes128',
  'psk-retry-cookie',
  'client-finished',
  'record-tag-data',
  'second-hello-cookie',
]

/** What may be otherwise, by the beginnings of paths in a trace. */
const INFORMATIVE = {
  /** Any moment will do at which the certificates are valid. */
  always: ['inputs.time'],
  /** Of a hello that is refused: what the server would have come to had it gone on. */
  refusedHello: ['inputs.server.random', 'inputs.server.keyPairs', 'inputs.server.psks'],
}

type Json = Record<string, unknown>

describe('a bit that is changed in a published trace', () => {
  const crypto = remembering(nodeProvider)
  const chosen = traceFiles().flatMap(({ document }) => {
    const bySize = [...document.traces].sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
    const traces = document.traces.filter((trace) => trace === bySize[0] || FURTHER.includes(trace.id))
    return traces.map((trace) => ({ id: trace.id, document: documentWith(document, trace) }))
  })

  it.each(chosen)('makes it fail, whichever it is: $id', async ({ document }) => {
    expect(await failuresOf(document, crypto)).toEqual([])
    expect((await survivors(document)).filter((path) => !isInformative(document, path))).toEqual([])
  })

  it('is no worse than a field that is left out', async () => {
    const { document } = chosen.find(({ id }) => id.startsWith('psk-secp256r1')) as (typeof chosen)[0]
    const missed: string[] = []
    for (const { path, holder, name } of fields(document as unknown as Json)) {
      const whole = holder[name]
      holder[name] = undefined
      const noticed = !isValid(document) || (await failuresOf(document, crypto, true)).length > 0
      holder[name] = whole
      if (!noticed) missed.push(path)
    }
    expect(missed).toEqual([])
  })

  it('makes an import fail, whichever it is', async () => {
    expect(await survivors(importerFile.document)).toEqual([])
  })

  async function survivors(document: unknown): Promise<string[]> {
    const found: string[] = []
    const last = (document as Partial<TraceFile>).traces?.length ?? 0
    for (const { path, holder, name } of leaves(document as Json)) {
      // The one that another resumes is there for its ticket.
      if (last > 1 && !path.startsWith(`traces.${last - 1}.`)) continue
      const whole = holder[name]
      holder[name] = spoilt(whole, path)
      const failures = await failuresOf(document, crypto, true)
      holder[name] = whole
      if (failures.length === 0) found.push(path)
    }
    return found
  }
})

function isInformative({ traces }: TraceFile, path: string): boolean {
  const [, index = '', ...names] = path.split('.')
  const { result, messages, alteration } = traces[Number(index)] as Trace
  const answered = messages.some(({ type, transcriptHash }) => type === 'ServerHello' && transcriptHash !== undefined)
  const informative = [
    ...INFORMATIVE.always,
    ...(result.ok || answered ? [] : INFORMATIVE.refusedHello),
    // Spoilt in another way it is refused just the same.
    ...(alteration?.by === 'network' ? [`flow.${alteration.record}.record`] : []),
  ]
  return informative.some((beginning) => names.join('.').startsWith(beginning))
}

/** The trace by itself, with what it needs of its file. */
function documentWith(file: TraceFile, trace: Trace): TraceFile {
  const { client, server } = trace.inputs
  const named = [client, server].flatMap(({ identity, trusts = [] }) => [...(identity ? [identity] : []), ...trusts])
  const issuers = named.flatMap((name) => file.identities[name]?.issuer ?? [])
  const needed = Object.entries(file.identities).filter(([name]) => [...named, ...issuers].includes(name))
  const before = file.traces.filter(({ id }) => id === trace.resumes)
  return { ...file, identities: Object.fromEntries(needed), traces: [...before, trace] }
}

interface Leaf {
  readonly path: string
  readonly holder: Json
  readonly name: string
}

/** Octets in hex, numbers and lines of the key log. */
function leaves(node: Json, path = ''): Leaf[] {
  return Object.entries(node).flatMap(([name, value]) => {
    const here = path === '' ? name : `${path}.${name}`
    if (typeof value === 'object' && value !== null) return leaves(value as Json, here)
    const counts = typeof value === 'number' || (typeof value === 'string' && HEX.test(value))
    return counts ? [{ path: here, holder: node, name }] : []
  })
}

/** All names and places. */
function fields(node: Json, path = ''): Leaf[] {
  return Object.entries(node).flatMap(([name, value]) => {
    const here = path === '' ? name : `${path}.${name}`
    const inside = typeof value === 'object' && value !== null ? fields(value as Json, here) : []
    return [{ path: here, holder: node, name }, ...inside]
  })
}

/** At the end of the text, so that lines of the key log count too. */
const HEX = /(^| )([0-9a-f]{2})+$/

function spoilt(value: unknown, path: string): unknown {
  if (typeof value === 'number') return value + 1
  const text = value as string
  const hex = text.slice(text.lastIndexOf(' ') + 1)
  // Somewhere in the middle: which octet depends on the path, so that not all are the same.
  const octets = hex.length / 2
  const at = text.length - hex.length + 2 * Math.floor(octets / 4 + (path.length % 7) * (octets / 16))
  const octet = Number.parseInt(text.slice(at, at + 2), 16) ^ 0x10
  return text.slice(0, at) + octet.toString(16).padStart(2, '0') + text.slice(at + 2)
}
