/** Endpoints whose key schedule is not that of RFC 9846 7.1. */
import { copy, toHex } from '../../../bytes.js'
import {
  derive,
  earlySecret,
  expandLabel,
  type ScheduleInputs,
  STANDARD,
  type Stages,
  stagesOf,
  zeros,
} from '../../adversary/index.js'
import type { Control } from '../control.js'
import { withExtract, withLabels, withMacs } from '../sabotage/hooks.js'
import { breakMacs } from '../sabotage/macs.js'
import { watchRetries } from '../sabotage/retries.js'
import { AFTER_RETRY, MUTUAL_CERTIFICATES } from '../specimens.js'

export const qkdOnlyInBinder: Control = {
  name: 'qkd-only-in-binder',
  title: 'QKD key only in the binder',
  defect: 'the PSK proves who is there, and the secrets that follow are made as if there were none',
  sabotage: withLabels(['derived'], ({ hash, lineage }, { withoutPsk }) =>
    lineage === null ? withoutPsk(hash).salt : null,
  ),
  schedule: { stages: pskForgotten },
  seenBy: ['graph', 'adversary'],
}

export const retryDropsQkd: Control = {
  name: 'retry-drops-qkd',
  title: 'HelloRetryRequest drops the QKD key',
  defect: 'after a retry the PSK is proved anew by its binder, and then left out of the secrets',
  specimen: AFTER_RETRY,
  sabotage: () => ({
    wrapProvider(provider) {
      const retry = { seen: false }
      return breakMacs(watchRetries(provider, retry), (use, { withoutPsk }) =>
        retry.seen && use.kind === 'expand' && use.label === 'derived' && use.lineage === null
          ? withoutPsk(use.hash).salt
          : null,
      )
    },
  }),
  schedule: { stages: pskForgotten },
  seenBy: ['graph', 'adversary'],
}

export const identitiesWithoutQkd: Control = {
  name: 'identities-without-qkd',
  title: 'Certificates under keys without QKD',
  defect:
    'the keys that protect the certificates come from the key exchange alone; those of the data are as they should be',
  specimen: MUTUAL_CERTIFICATES,
  sabotage: withLabels(['c hs traffic', 's hs traffic'], (use, { expand, withoutPsk }) =>
    use.lineage === null ? null : expand(use, { key: withoutPsk(use.hash).handshakeSecret(use.lineage.shared) }),
  ),
  schedule: {
    handshakeTraffic: (inputs, _, transcripts) => STANDARD.handshakeTraffic(inputs, pskForgotten(inputs), transcripts),
  },
  seenBy: ['graph', 'adversary'],
}

export const qkdReplacesExchange: Control = {
  name: 'qkd-replaces-exchange',
  title: 'QKD in place of the key exchange',
  defect: 'with a PSK from QKD the key exchange is made and not used',
  sabotage: withExtract('handshake', ({ hash, salt }, { extract }) => extract(hash, salt, new Uint8Array(salt.length))),
  schedule: { stages: (inputs) => STANDARD.stages({ ...inputs, shared: () => zeros(inputs.hash) }) },
  seenBy: ['graph', 'adversary'],
}

export const trafficBeforeLastExtract: Control = {
  name: 'traffic-before-last-extract',
  title: 'Traffic keys before the last extract',
  defect: 'traffic secrets are derived from the Early Secret, before the key exchange has been mixed in',
  sabotage: withLabels(['c hs traffic', 's hs traffic', 'c ap traffic', 's ap traffic'], (use, { expand }) =>
    use.lineage === null ? null : expand(use, { key: use.lineage.early }),
  ),
  schedule: {
    handshakeTraffic: (inputs, { early }, transcripts) =>
      STANDARD.handshakeTraffic(inputs, { early, handshake: early, main: early }, transcripts),
    applicationTraffic: (inputs, { early }, transcripts) =>
      STANDARD.applicationTraffic(inputs, { early, handshake: early, main: early }, transcripts),
  },
  seenBy: ['graph', 'adversary'],
}

export const exporterWithoutQkd: Control = {
  name: 'exporter-without-qkd',
  title: 'Exporter without QKD',
  defect: 'the exporter secret comes from the key exchange and the hellos, past the PSK',
  sabotage() {
    /** Hashes of the hellos, by the secret of the key exchange. */
    const hellosOf = new Map<string, Uint8Array>()
    return withLabels(['c hs traffic', 'exp master'], (use, { expand, withoutPsk }) => {
      if (use.lineage === null) return null
      const { shared } = use.lineage
      if (use.label === 'c hs traffic') hellosOf.set(toHex(shared), copy(use.context))
      const context = hellosOf.get(toHex(shared))
      if (use.label === 'c hs traffic' || context === undefined) return null
      return expand(use, { key: withoutPsk(use.hash).mainSecret(shared), context })
    })()
  },
  schedule: {
    exporter: ({ hash, shared }, _, { hellos }) =>
      derive(hash, stagesOf(hash, earlySecret(hash, null), shared()).main, 'exp master', hellos),
  },
  seenBy: ['graph', 'adversary'],
}

export const oneKeyBothWays: Control = {
  name: 'one-key-both-ways',
  title: 'One key and nonce both ways',
  defect: 'the server protects its data with the traffic secret of the client',
  sabotage: withLabels(['s ap traffic'], (use, { expand }) => expand(use, { label: 'c ap traffic' })),
  schedule: {
    applicationTraffic(...inputs) {
      const { client } = STANDARD.applicationTraffic(...inputs)
      return { client, server: client }
    },
  },
  seenBy: ['nonce reuse', 'known plaintext', 'shared key'],
}

export const updateChangesNothing: Control = {
  name: 'update-changes-nothing',
  title: 'KeyUpdate that changes nothing',
  defect: 'after a KeyUpdate the traffic secret is what it was, so that memory taken later opens what went before',
  sabotage: withLabels(['traffic upd'], ({ key }) => copy(key)),
  schedule: { nextTraffic: (_, secret) => secret },
  seenBy: ['graph', 'adversary', 'nonce reuse'],
}

export const updateForgetsSecret: Control = {
  name: 'update-forgets-secret',
  title: 'KeyUpdate that forgets the secret',
  defect: 'the traffic secret after a KeyUpdate is derived from zeros in place of the one before',
  sabotage: withLabels(['traffic upd'], (use, { expand }) => expand(use, { key: new Uint8Array(use.key.length) })),
  schedule: { nextTraffic: (hash) => expandLabel(hash, zeros(hash), 'traffic upd', Buffer.alloc(0)) },
  seenBy: ['graph', 'adversary'],
}

export const resumptionWithoutExchange: Control = {
  name: 'resumption-without-exchange',
  title: 'Resumption without fresh keys',
  defect: 'a resumed session ignores its key exchange and rests on the PSK of its ticket alone',
  sabotage() {
    const earlySecretsOfTickets = new Set<string>()
    return withMacs((use, { extract }) => {
      if (use.kind === 'expand' && use.label === 'res binder') earlySecretsOfTickets.add(toHex(use.key))
      if (use.kind !== 'extract' || use.early === null || !earlySecretsOfTickets.has(toHex(use.early))) return null
      return extract(use.hash, use.salt, new Uint8Array(use.salt.length))
    })()
  },
  schedule: {
    stages: (inputs) => STANDARD.stages(inputs.resumes ? { ...inputs, shared: () => zeros(inputs.hash) } : inputs),
  },
  seenBy: ['graph', 'adversary'],
}

/** The PSK is in the binders, and in nothing that follows from the key exchange. */
function pskForgotten({ hash, psk, shared }: ScheduleInputs): Stages {
  const early = psk === null ? null : earlySecret(hash, psk)
  return { ...stagesOf(hash, earlySecret(hash, null), shared()), early }
}
