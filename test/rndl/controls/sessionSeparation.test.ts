/** Ephemeral keys that serve twice, each half of the key exchange by itself. */
import { expect, it } from 'vitest'
import { concat, copy } from '../../../src/bytes.js'
import type { CryptoProvider } from '../../../src/crypto/index.js'
import { sessionSeparation } from '../../../src/rndl/controls/checks/sessionSeparation.js'
import { gatherEvidence, soundEndpoints } from '../../../src/rndl/controls/evidence.js'
import { breakClientKeys } from '../../../src/rndl/controls/sabotage/keyExchange.js'
import { SIGNATURES } from '../../../src/rndl/controls/specimens.js'
import { type Hooks, makeMaterials } from '../../../src/rndl/endpoints/index.js'

const seed = new Uint8Array(32).fill(9)
const materials = makeMaterials(seed, [SIGNATURES])

/** Octets that are drawn once. */
function once(): (provider: CryptoProvider, length: number) => Uint8Array {
  let kept: Uint8Array | null = null
  return (provider, length) => {
    kept ??= provider.randomBytes(length)
    return copy(kept)
  }
}

async function lost(sabotage: () => Hooks): Promise<string | null> {
  return sessionSeparation.find(await gatherEvidence({ ...soundEndpoints(), sabotage }, { materials, seed }))
}

it('finds nothing where both ends draw all of their keys anew', async () => {
  expect(await lost(() => ({}))).toBeNull()
})

it('finds a server that keeps its X25519 key', async () => {
  const scalar = once()
  const wrapProvider: Hooks['wrapProvider'] = (provider) => ({
    ...provider,
    respondToKeyShare: (group, share) =>
      provider.respondToKeyShare(group, share, concat(provider.randomBytes(32), scalar(provider, 32))),
  })
  expect(await lost(() => ({ wrapProvider }))).toContain('X25519 of one session')
})

it('finds a client that keeps its ML-KEM key', async () => {
  const keyPair = once()
  const wrapProvider: Hooks['wrapProvider'] = (outer) =>
    breakClientKeys(outer, (provider) => concat(keyPair(provider, 64), provider.randomBytes(32)))
  expect(await lost(() => ({ wrapProvider }))).toContain('ML-KEM of one session')
})
