import { describe, expect, it } from 'vitest'
import { evenOut, meanSignature, SigningMeter } from '../../src/bench/meter/signingMeter.js'
import { nodeProvider } from '../../src/crypto/index.js'

describe('signatures in a comparison', () => {
  it('count with their mean, whichever handshakes they were made in', () => {
    // Two batches of two handshakes with a signature each; one was lucky, one was not.
    const signed = [
      { microseconds: 2000, count: 2 },
      { microseconds: 10_000, count: 2 },
    ]
    const mean = meanSignature(signed)
    expect(mean).toBe(3000)
    expect(evenOut([1500, 5500], signed, 2, mean)).toEqual([3500, 3500])
  })

  it('change nothing where nothing is signed', () => {
    expect(meanSignature([{ microseconds: 0, count: 0 }])).toBe(0)
    expect(evenOut([7, 8], [], 3, 0)).toEqual([7, 8])
  })

  it('are counted batch by batch, and are as good as without', async () => {
    const meter = new SigningMeter(nodeProvider)
    const key = meter.provider.signingKey(nodeProvider.generateSigningKey('ecdsa-p256'))
    const message = new Uint8Array(32)
    let signature = new Uint8Array(0)
    const sign = async () => {
      signature = new Uint8Array(key.sign('ecdsa_secp256r1_sha256', message))
    }
    await meter.during(async () => {
      await sign()
      await sign()
    })
    await meter.during(sign)
    expect(meter.batches.map(({ count }) => count)).toEqual([2, 1])
    const verifier = nodeProvider.verifyingKey('ecdsa-p256', key.publicKey)
    expect(verifier.verify('ecdsa_secp256r1_sha256', message, signature)).toBe(true)
  })
})
