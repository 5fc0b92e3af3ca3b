import { describe, expect, it } from 'vitest'
import { DEFAULT_CIPHER_SUITES } from '../../src/crypto/cipherSuites.js'
import { HYBRID_GROUPS } from '../../src/crypto/groups.js'
import { nobleProvider, nodeProvider } from '../../src/crypto/index.js'
import { runPair } from '../support/pair.js'

const hello = new TextEncoder().encode('hello')

describe.each([
  ['node', nodeProvider],
  ['noble', nobleProvider],
])('a full handshake with the %s provider', (_name, crypto) => {
  it.each(HYBRID_GROUPS)(
    'agrees on %s, authenticates the server by ML-DSA-65, and carries data both ways',
    async (group) => {
      const { client, server } = await runPair({
        clientCrypto: crypto,
        serverCrypto: crypto,
        client: { groups: [group] },
      })
      expect(client.error ?? server.error).toBeNull()
      expect(client.summary?.group).toBe(group)
      expect(server.summary?.group).toBe(group)
      expect(client.summary?.peerSignatureScheme).toBe('mldsa65')
      client.driver.send(hello)
      server.driver.send(hello)
      expect(Buffer.from(server.data).toString()).toBe('hello')
      expect(Buffer.from(client.data).toString()).toBe('hello')
    },
  )

  it.each(DEFAULT_CIPHER_SUITES)('protects records with %s', async (suite) => {
    const { client, server } = await runPair({
      clientCrypto: crypto,
      serverCrypto: crypto,
      client: { cipherSuites: [suite] },
    })
    expect(client.error ?? server.error).toBeNull()
    expect(server.summary?.cipherSuite).toBe(suite)
  })
})
