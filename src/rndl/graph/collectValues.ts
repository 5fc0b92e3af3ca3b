/** All octet strings of a run that something else may contain. */
import type { RecordedRun } from '../model.js'
import type { Hex } from '../trace/trace.js'
import type { TapeIndex } from './tapeIndex.js'
import { type GraphValue, type SealStep, type TapedRecords, ValueTable } from './values.js'

export function collectValues(run: RecordedRun, tape: TapeIndex): readonly GraphValue[] {
  const table = new ValueTable()
  for (const { leak, octets } of run.leaks) for (const secret of octets) table.add(secret, { by: 'leak', leak })
  const seals = new Map<Hex, SealStep>()
  const seen = new Set<string>()
  for (const step of run.trace) {
    switch (step.kind) {
      case 'random':
        table.add(step.output, { by: 'random' })
        break
      case 'exchange':
        table.add(step.privateOctets, { by: 'privateShare', step })
        table.add(step.output, { by: 'exchange', step })
        break
      case 'mac':
      case 'hash': {
        // Both ends compute the same.
        const id = step.kind === 'mac' ? `${step.hash} ${step.key} ${step.data}` : `${step.hash} ${step.data}`
        if (seen.has(id)) break
        seen.add(id)
        table.add(step.output, step.kind === 'mac' ? { by: 'mac', step } : { by: 'hash', step })
        break
      }
      case 'seal':
        seals.set(step.key + step.nonce + step.sealed, step)
    }
  }
  for (const { content, step, taped } of contentsOf([...seals.values()], tape)) {
    if (content === '') continue
    const id = table.add(content, { by: 'open', step, taped })
    for (const decoded of base64In(content)) table.add(decoded, { by: 'base64', from: id })
  }
  return table.values
}

interface Content {
  readonly content: Hex
  readonly step: SealStep
  readonly taped: TapedRecords | null
}

/**
 * Records of one direction under one key are one content, since messages run on from record to record. What stands on no
 * tape as a record is a content by itself.
 */
function contentsOf(seals: readonly SealStep[], tape: TapeIndex): Content[] {
  const single: Content[] = []
  const streams = new Map<string, { parts: Hex[]; step: SealStep; taped: TapedRecords }>()
  for (const step of seals) {
    const taped = tape.locate(step)
    if (taped === null) {
      single.push({ content: step.content, step, taped })
      continue
    }
    const id = `${step.key} ${taped.from} ${taped.connection}`
    const stream = streams.get(id)
    if (stream === undefined) streams.set(id, { parts: [withoutType(step.content)], step, taped })
    else stream.parts.push(withoutType(step.content))
  }
  return [...single, ...[...streams.values()].map(({ parts, ...rest }) => ({ content: parts.join(''), ...rest }))]
}

/** A TLSInnerPlaintext without its padding and type (RFC 9846 5.2). */
function withoutType(inner: Hex): Hex {
  let end = inner.length
  while (inner.slice(end - 2, end) === '00') end -= 2
  return inner.slice(0, Math.max(0, end - 2))
}

/** Long runs of base64 (RFC 4648 section 4), decoded. Shorter ones are words. */
function base64In(content: Hex): Hex[] {
  const text = Buffer.from(content, 'hex').toString('latin1')
  return (text.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((run) => Buffer.from(run, 'base64').toString('hex'))
}
