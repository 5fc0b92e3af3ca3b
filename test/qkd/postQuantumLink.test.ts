import { connect, createSecureContext, type SecureContextOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { keyDeliveryGroups } from '../../src/qkd/index.js'
import { authority, credentials, saeA, saeB, startKeyManagers } from '../support/kme.js'
import { createTestAuthority } from '../support/kmeCertificates.js'

const { openssl } = process.versions

function isUsable(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options)
    return true
  } catch {
    return false
  }
}

const hasHybridGroup = isUsable({ ecdhCurve: 'X25519MLKEM768' })
const pqAuthority = createTestAuthority('Post-quantum KME CA', 'mldsa65')
const pqCredentials = (id: string) => ({ ...pqAuthority.issue(id), ca: pqAuthority.ca })
const hasMlDsa = isUsable(pqCredentials(saeA))

describe('the link to the key manager against quantum adversaries', () => {
  it('offers the hybrid group first exactly where OpenSSL has it', () => {
    expect(keyDeliveryGroups().split(':').includes('X25519MLKEM768')).toBe(hasHybridGroup)
    expect(keyDeliveryGroups()).toContain('X25519:P-256')
  })

  it.skipIf(!hasHybridGroup)(
    `the key manager speaks it (skipped where OpenSSL lacks it; here ${openssl})`,
    async () => {
      const kme = await startKeyManagers()
      const socket = connect({
        port: Number(new URL(kme.urlA).port),
        host: '127.0.0.1',
        ecdhCurve: 'X25519MLKEM768',
        ...(credentials(saeA) as { cert: string; key: string }),
        ca: authority().ca,
      })
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
      expect(socket.authorized).toBe(true)
      socket.destroy()
      await kme.close()
    },
  )

  it.skipIf(!hasMlDsa)(
    `works with ML-DSA certificates (skipped where OpenSSL lacks them; here ${openssl})`,
    async () => {
      const kme = await startKeyManagers({
        siteA: { kmeId: 'KME-A', sae: [saeA], tls: pqCredentials('KME-A') },
        siteB: { kmeId: 'KME-B', sae: [saeB], tls: pqCredentials('KME-B') },
      })
      const sent = await kme.source('A', pqCredentials(saeA)).getKey(saeB)
      expect(await kme.source('B', pqCredentials(saeB)).getKeyWithId(saeA, sent.keyId)).toEqual(sent)
      await kme.close()
    },
  )
})
