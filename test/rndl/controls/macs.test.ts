/** What a rule for HMACs is told, against a key schedule that is run by hand. */
import { describe, expect, it } from 'vitest'
import { type CryptoProvider, nodeProvider } from '../../../src/crypto/index.js'
import { breakMacs, type MacUse } from '../../../src/rndl/controls/index.js'
import { EarlySecret, finishedVerifyData } from '../../../src/tls/keySchedule.js'
import { combineAuthPskWithQkdKey, importPsk } from '../../../src/tls/psk/importer.js'

const fill = (octet: number, length = 32) => new Uint8Array(length).fill(octet)
const hash = 'SHA-384'

/** From an auth PSK and a QKD key to an application traffic secret. */
function schedule(crypto: CryptoProvider): Uint8Array {
  const epsk = combineAuthPskWithQkdKey(crypto, 'SHA-256', fill(1), fill(2))
  const external = { identity: fill(3, 4), epsk, hash: 'SHA-256', context: fill(4, 5) } as const
  const early = new EarlySecret(crypto, hash, importPsk(crypto, external, hash).psk)
  early.binder('imp binder', fill(5, 48))
  const handshake = early.enterHandshake(fill(6, 64))
  const client = handshake.clientHandshakeTrafficSecret(fill(7, 48))
  finishedVerifyData(crypto, hash, client, fill(8, 48))
  return handshake.enterMain().clientApplicationTrafficSecret(fill(9, 48))
}

function usesOf(): MacUse[] {
  const uses: MacUse[] = []
  schedule(
    breakMacs(nodeProvider, (use) => {
      // Keys are wiped when their stage ends.
      uses.push(use.kind === 'expand' ? { ...use, key: new Uint8Array(use.key) } : use)
      return null
    }),
  )
  return uses
}

describe('breakMacs', () => {
  it('tells a rule what each HMAC is for, and leaves Finished and binders alone', () => {
    expect(usesOf().map((use) => (use.kind === 'expand' ? use.label : `into ${use.into}`))).toEqual([
      'into combine',
      'into early',
      // 48 octets from SHA-256 take two blocks.
      'derived psk',
      'derived psk',
      'into early',
      'imp binder',
      'finished',
      'derived',
      'into handshake',
      'c hs traffic',
      'finished',
      'derived',
      'into main',
      'c ap traffic',
    ])
  })

  it('knows what led to a secret, from the Early Secret on', () => {
    const uses = usesOf()
    const early = uses.find((use) => use.kind === 'expand' && use.label === 'imp binder')
    const last = uses.at(-1)
    if (early?.kind !== 'expand' || last?.kind !== 'expand') throw new Error('the schedule ran otherwise')
    expect(last.lineage).toEqual({ early: early.key, shared: fill(6, 64) })
    expect(early.lineage).toBeNull()
  })

  it('changes nothing with a rule that changes nothing, or that has the same computed again', () => {
    const right = schedule(nodeProvider)
    expect(schedule(breakMacs(nodeProvider, () => null))).toEqual(right)
    const again = breakMacs(nodeProvider, (use, { expand, extract }) =>
      use.kind === 'expand' ? expand(use, {}) : extract(use.hash, use.salt, use.ikm),
    )
    expect(schedule(again)).toEqual(right)
  })

  it('gives the answer of a rule to all that follows', () => {
    const broken = breakMacs(nodeProvider, (use) =>
      use.kind === 'extract' && use.into === 'combine' ? new Uint8Array(use.ikm) : null,
    )
    expect(schedule(broken)).not.toEqual(schedule(nodeProvider))
  })
})
