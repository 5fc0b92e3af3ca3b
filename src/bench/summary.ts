/** The last line of `trefoil bench --json`: the ratios that a reader asks for first. */
import type { Section } from './report/sections.js'

interface AgainstBoth {
  readonly floor: number | null
  readonly nodeTls: number | null
}

interface AgainstNode {
  readonly nodeTls: number | null
}

/**
 * Ours over theirs: of processor time for handshakes, of throughput for bulk, of memory for idle connections. Null where
 * the running Node has no such peer, or it was not measured.
 */
export interface Summary {
  readonly event: 'summary'
  readonly ratios: {
    readonly 'mldsa65-server': AgainstBoth
    readonly 'mldsa65-mutual': AgainstBoth
    readonly psk: AgainstBoth
    readonly 'bulk-16k': AgainstNode
    readonly 'memory-idle': AgainstNode
  }
}

/** A section whose result has `ratios` by these names says what they are. */
export function summaryOf(sections: readonly Section[]): Summary {
  const found = Object.assign({}, ...sections.map(({ result }) => ratiosIn(result))) as Record<
    string,
    Partial<AgainstBoth>
  >
  const nodeTls = (name: string) => found[name]?.nodeTls ?? null
  const both = (name: string) => ({ floor: found[name]?.floor ?? null, nodeTls: nodeTls(name) })
  return {
    event: 'summary',
    ratios: {
      'mldsa65-server': both('mldsa65-server'),
      'mldsa65-mutual': both('mldsa65-mutual'),
      psk: both('psk'),
      'bulk-16k': { nodeTls: nodeTls('bulk-16k') },
      'memory-idle': { nodeTls: nodeTls('memory-idle') },
    },
  }
}

function ratiosIn(result: unknown): object {
  if (typeof result !== 'object' || result === null || !('ratios' in result)) return {}
  return typeof result.ratios === 'object' && result.ratios !== null ? result.ratios : {}
}
