/** The shared secret of a recording, agreed on again from its private keys. */
import { fromHex } from '../../bytes.js'
import { NAMED_GROUPS } from '../../crypto/groups.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { expectHex, expectText } from '../check/outcome.js'
import { type CompletedRecording, type RecordedKeyPair, seedOf } from './recording.js'

/** Computed by every side whose keys the recording has. @throws Error when a share or the secret is not as recorded */
export function agreeAsRecorded(crypto: CryptoProvider, { values }: CompletedRecording): Uint8Array {
  const { clientKeyPairs = [], serverKeyPairs = [], sharedSecret } = values
  const { group } = serverKeyPairs[0] ?? answeredPair(values)
  const serverShare = fromHex(values.serverShare ?? publicKeyOf(serverKeyPairs[0]))
  for (const pair of clientKeyPairs) {
    const share = crypto.generateKeyShare(pair.group, seedOf(pair))
    expectHex(`the ${pair.group} share of the client`, share.publicShare, pair.publicKey)
    if (pair.group === group) expectHex('the shared secret of the client', share.agree(serverShare), sharedSecret)
  }
  for (const pair of serverKeyPairs) {
    const clientShare = fromHex(
      values.clientShare ?? publicKeyOf(clientKeyPairs.find((one) => one.group === pair.group)),
    )
    const response = crypto.respondToKeyShare(pair.group, clientShare, seedOf(pair))
    expectHex(`the ${pair.group} share of the server`, response.serverShare, pair.publicKey)
    expectHex('the shared secret of the server', response.sharedSecret, sharedSecret)
  }
  checkHalves(values)
  return fromHex(sharedSecret)
}

/** With the client's keys alone: the pair that the length of the server's share points to. */
function answeredPair({ clientKeyPairs = [], serverShare = '' }: CompletedRecording['values']): RecordedKeyPair {
  const length = serverShare.length / 2
  const pair = clientKeyPairs.find(({ group }) => NAMED_GROUPS[group]?.serverShareLength === length)
  if (pair === undefined) throw new Error('there is no key pair for the share of the server')
  return pair
}

/** RFC 10024: ML-KEM first in X25519MLKEM768. */
function checkHalves({ mlkemSharedSecret, x25519SharedSecret, sharedSecret }: CompletedRecording['values']): void {
  if (mlkemSharedSecret === undefined || x25519SharedSecret === undefined) return
  expectText('the shared secret', mlkemSharedSecret + x25519SharedSecret, sharedSecret)
}

function publicKeyOf(pair: RecordedKeyPair | undefined): string {
  if (pair === undefined) throw new Error('there is no share to answer')
  return pair.publicKey
}
