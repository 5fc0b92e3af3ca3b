/** RFC 7748 sections 5.2 and 6.1: X25519, as key shares of TLS are made of it. */
import type { CryptoProvider } from '../../crypto/provider.js'
import { Fields, isObject, type JsonObject, objectsIn } from '../check/fields.js'
import { expectHex, outcomeOf, skip } from '../check/outcome.js'
import type { VectorCase, VectorFormat } from '../format.js'

export const rfc7748: VectorFormat = {
  name: 'RFC 7748 X25519',
  recognises: (document) =>
    isObject(document) && (isFunctionTests(document['functionTests']) || isExchange(document['diffieHellman'])),
  cases(document) {
    const { functionTests, iterated, diffieHellman } = document as JsonObject
    return [
      ...objectsIn(functionTests).map((test, index) => functionTest(new Fields(test), index)),
      ...(isObject(iterated) ? iteratedTests(new Fields(iterated)) : []),
      ...(isObject(diffieHellman) ? [exchangeTest(new Fields(diffieHellman))] : []),
    ]
  },
}

/** "after1000" is computed in a second or so; a million rounds would take the better part of an hour. */
const MOST_ROUNDS = 1000

function isFunctionTests(value: unknown): boolean {
  const tests = objectsIn(value)
  return tests.length > 0 && tests.every((test) => 'scalar' in test && 'u' in test && 'output' in test)
}

function isExchange(value: unknown): boolean {
  return isObject(value) && 'alicePrivate' in value && 'sharedSecret' in value
}

function functionTest(fields: Fields, index: number): VectorCase {
  return {
    id: `function test ${index + 1}`,
    run: (provider) =>
      outcomeOf(() => {
        expectHex('output', x25519(provider, fields.octets('scalar'), fields.octets('u')), fields.text('output'))
      }),
  }
}

function iteratedTests(fields: Fields): VectorCase[] {
  const counts = [1, 1000, 1_000_000].filter((count) => fields.has(`after${count}`))
  return counts.map((count) => ({
    id: `iterated ${count}`,
    run: (provider) =>
      outcomeOf(() => {
        if (count > MOST_ROUNDS) skip(`${count} rounds, which would take hours`)
        let [k, u] = [fields.octets('start'), fields.octets('start')]
        for (let i = 0; i < count; i++) [k, u] = [x25519(provider, k, u), k]
        expectHex(`after${count}`, k, fields.text(`after${count}`))
      }),
  }))
}

function exchangeTest(fields: Fields): VectorCase {
  return {
    id: 'Diffie-Hellman',
    run: (provider) =>
      outcomeOf(() => {
        const alice = provider.generateKeyShare('x25519', fields.octets('alicePrivate'))
        const bob = provider.respondToKeyShare('x25519', alice.publicShare, fields.octets('bobPrivate'))
        expectHex('alicePublic', alice.publicShare, fields.text('alicePublic'))
        expectHex('bobPublic', bob.serverShare, fields.text('bobPublic'))
        expectHex('the secret of Bob', bob.sharedSecret, fields.text('sharedSecret'))
        expectHex('the secret of Alice', alice.agree(bob.serverShare), fields.text('sharedSecret'))
      }),
  }
}

function x25519(provider: CryptoProvider, scalar: Uint8Array, u: Uint8Array): Uint8Array {
  return provider.generateKeyShare('x25519', scalar).agree(u)
}
