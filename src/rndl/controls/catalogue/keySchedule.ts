/** Endpoints whose key schedule is not that of RFC 9846 7.1. */
import { copy } from '../../../bytes.js'
import { derive, earlySecret, expandLabel, STANDARD, stagesOf, zeros } from '../../adversary/index.js'
import type { Control } from '../control.js'
import { breakMacs } from '../sabotage/macs.js'

export const qkdOnlyInBinder: Control = {
  name: 'qkd-only-in-binder',
  title: 'QKD key only in the binder',
  defect: 'the PSK proves who is there, and the secrets that follow are made as if there were none',
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakMacs(provider, (use, { withoutPsk }) =>
        use.kind === 'expand' && use.label === 'derived' && use.lineage === null ? withoutPsk(use.hash).salt : null,
      ),
  }),
  schedule: {
    stages: ({ hash, psk, shared }) => ({
      ...stagesOf(hash, earlySecret(hash, null), shared()),
      early: psk === null ? null : earlySecret(hash, psk),
    }),
  },
  seenBy: ['graph', 'adversary'],
}

export const qkdReplacesExchange: Control = {
  name: 'qkd-replaces-exchange',
  title: 'QKD in place of the key exchange',
  defect: 'with a PSK from QKD the key exchange is made and not used',
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakMacs(provider, (use, { extract }) =>
        use.kind === 'extract' && use.into === 'handshake'
          ? extract(use.hash, use.salt, new Uint8Array(use.salt.length))
          : null,
      ),
  }),
  schedule: { stages: (inputs) => STANDARD.stages({ ...inputs, shared: () => zeros(inputs.hash) }) },
  seenBy: ['graph', 'adversary'],
}

const TRAFFIC_LABELS = ['c hs traffic', 's hs traffic', 'c ap traffic', 's ap traffic']

export const trafficBeforeLastExtract: Control = {
  name: 'traffic-before-last-extract',
  title: 'Traffic keys before the last extract',
  defect: 'traffic secrets are derived from the Early Secret, before the key exchange has been mixed in',
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakMacs(provider, (use, { expand }) =>
        use.kind === 'expand' && use.lineage !== null && TRAFFIC_LABELS.includes(use.label)
          ? expand(use, { key: use.lineage.early })
          : null,
      ),
  }),
  schedule: {
    handshakeTraffic: (hash, { early }, { hellos }) => ({
      client: derive(hash, early, 'c hs traffic', hellos),
      server: derive(hash, early, 's hs traffic', hellos),
    }),
    applicationTraffic: (hash, { early }, { throughServer }) => ({
      client: derive(hash, early, 'c ap traffic', throughServer),
      server: derive(hash, early, 's ap traffic', throughServer),
    }),
  },
  seenBy: ['graph', 'adversary'],
}

export const exporterWithoutQkd: Control = {
  name: 'exporter-without-qkd',
  title: 'Exporter without QKD',
  defect: 'the exporter secret comes from the key exchange and the hellos, past the PSK',
  sabotage: () => ({
    wrapProvider(provider) {
      const hellos = new Map<string, Uint8Array>()
      const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
      return breakMacs(provider, (use, { expand, withoutPsk }) => {
        if (use.kind !== 'expand' || use.lineage === null) return null
        const { shared } = use.lineage
        if (use.label === 'c hs traffic') hellos.set(hex(shared), new Uint8Array(use.context))
        const context = hellos.get(hex(shared))
        if (use.label !== 'exp master' || context === undefined) return null
        return expand(use, { key: withoutPsk(use.hash).mainSecret(shared), context })
      })
    },
  }),
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
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakMacs(provider, (use, { expand }) =>
        use.kind === 'expand' && use.label === 's ap traffic' ? expand(use, { label: 'c ap traffic' }) : null,
      ),
  }),
  schedule: {
    applicationTraffic(...inputs) {
      const { client } = STANDARD.applicationTraffic(...inputs)
      return { client, server: client }
    },
  },
  seenBy: ['nonce reuse', 'known plaintext'],
}

export const updateForgetsNothing: Control = {
  name: 'update-changes-nothing',
  title: 'KeyUpdate that changes nothing',
  defect: 'after a KeyUpdate the traffic secret is what it was, so that memory taken later opens what went before',
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakMacs(provider, (use) => (use.kind === 'expand' && use.label === 'traffic upd' ? copy(use.key) : null)),
  }),
  schedule: { nextTraffic: (_, secret) => secret },
  seenBy: ['graph', 'adversary', 'nonce reuse'],
}

export const updateForgetsSecret: Control = {
  name: 'update-forgets-secret',
  title: 'KeyUpdate that forgets the secret',
  defect: 'the traffic secret after a KeyUpdate is derived from zeros in place of the one before',
  sabotage: () => ({
    wrapProvider: (provider) =>
      breakMacs(provider, (use, { expand }) =>
        use.kind === 'expand' && use.label === 'traffic upd'
          ? expand(use, { key: new Uint8Array(use.key.length) })
          : null,
      ),
  }),
  schedule: { nextTraffic: (hash) => expandLabel(hash, zeros(hash), 'traffic upd', Buffer.alloc(0)) },
  seenBy: ['graph', 'adversary'],
}
