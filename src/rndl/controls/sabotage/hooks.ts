/** The usual ways to break both ends, each as the `sabotage` of a control. */
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { Hooks } from '../../endpoints/index.js'
import { breakSecrets, type Exchanged } from './keyExchange.js'
import { breakMacs, type Expand, type Extract, type MacRule, type Tools } from './macs.js'

type Sabotage = () => Hooks

/** @param rule state in it is shared by all sessions of both ends */
export function withMacs(rule: MacRule): Sabotage {
  return () => ({ wrapProvider: (provider) => breakMacs(provider, rule) })
}

/** @param answer in place of HKDF-Expand-Label with one of these labels; null: as it should be */
export function withLabels(
  labels: readonly string[],
  answer: (use: Expand, tools: Tools) => Uint8Array | null,
): Sabotage {
  return withMacs((use, tools) => (use.kind === 'expand' && labels.includes(use.label) ? answer(use, tools) : null))
}

/** @param answer in place of the HKDF-Extract that gives this stage */
export function withExtract(
  into: Extract['into'],
  answer: (use: Extract, tools: Tools) => Uint8Array | null,
): Sabotage {
  return withMacs((use, tools) => (use.kind === 'extract' && use.into === into ? answer(use, tools) : null))
}

/** @param combine what both ends take for the shared secret */
export function withSecrets(combine: (exchanged: Exchanged, provider: CryptoProvider) => Uint8Array): Sabotage {
  return () => ({ wrapProvider: (provider) => breakSecrets(provider, combine) })
}
