/** What `recompute` takes and gives. */
import { utf8 } from '../../../bytes.js'
import type { FlowRecord, Role, Trace } from '../trace.js'

/** What a trace has besides its name and its inputs. */
export type Recomputed = Pick<Trace, 'values' | 'messages' | 'flow' | 'keylog'> & Partial<Pick<Trace, 'exporter'>>

/** What all completed traces export (RFC 9846 section 7.5). */
export const EXPORTER = { label: 'EXPERIMENTAL-trefoil-vectors', context: utf8('context'), length: 32 }

/** What is recomputed: a trace, of which the values may be missing still, and which message is altered ("all": any). */
export type Given = Pick<Trace, 'result' | 'inputs'> & {
  readonly alteration?: { readonly by: Role | 'network'; readonly message?: number | 'all' } | undefined
  readonly flow: readonly Pick<FlowRecord, 'from' | 'record'>[]
}
