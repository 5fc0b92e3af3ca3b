/** The binder of a recorded ClientHello, and where its PSK comes from if that was imported. */
import { EMPTY, equalBytes, fromHex } from '../../bytes.js'
import { hashLength } from '../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { truncateClientHello } from '../../tls/extensions/preSharedKey.js'
import { hkdfExpandLabel } from '../../tls/hkdf.js'
import { BINDER_LABELS, EarlySecret } from '../../tls/keySchedule.js'
import { decodeClientHello } from '../../tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../tls/messages/clientHelloExtensions.js'
import { importPsk } from '../../tls/psk/importer.js'
import type { Transcript } from '../../tls/transcript.js'
import { expectHex, expectOctets, expectThat } from '../check/outcome.js'
import type { RecordedMessage } from './messages.js'
import type { RecordedValues } from './recording.js'

/**
 * @param hello the one that was answered
 * @param transcript what came before it
 * @throws Error at the first value that is not as recorded
 */
export function checkBinder(
  crypto: CryptoProvider,
  values: RecordedValues,
  hello: RecordedMessage,
  transcript: Transcript,
): void {
  const { hash, binder, psk } = values
  if (binder === undefined) return
  if (psk === undefined) throw new Error('there is a binder, but no psk')
  checkImport(crypto, values)
  const offered = readClientHelloExtensions(decodeClientHello(hello.body)).offeredPsks
  if (offered === null) throw new Error('there is a binder, but its ClientHello offers no PSK')
  const early = new EarlySecret(crypto, hash, fromHex(psk))
  const label = binder.label ?? BINDER_LABELS.resumption
  const truncated = truncateClientHello(
    hello.bytes,
    offered.binders.map(({ length }) => length),
  )
  const binderHash = transcript.digestWith(hash, truncated)
  if (binder.binderHash !== undefined) expectHex('the hash under the binder', binderHash, binder.binderHash)
  const binderKey = early.binderKey(label)
  if (binder.binderKey !== undefined) expectHex('the binder key', binderKey, binder.binderKey)
  if (binder.finishedKey !== undefined) {
    const finishedKey = hkdfExpandLabel(crypto, hash, binderKey, 'finished', EMPTY, hashLength(hash))
    expectHex('the finished key of the binder', finishedKey, binder.finishedKey)
  }
  const computed = early.binder(label, binderHash)
  expectHex('the binder', computed, binder.binder)
  expectThat(
    offered.binders.some((one) => equalBytes(one, computed)),
    'the ClientHello does not carry the binder',
  )
}

/** RFC 9258: the PSK of the handshake is made of an external one. */
function checkImport(crypto: CryptoProvider, values: RecordedValues): void {
  const { hash, epsk, externalIdentity, context = '', epskHash = 'SHA-256', psk, pskIdentity } = values
  if (epsk === undefined || externalIdentity === undefined) return
  const external = {
    identity: fromHex(externalIdentity),
    epsk: fromHex(epsk),
    hash: epskHash,
    context: fromHex(context),
  }
  const imported = importPsk(crypto, external, hash)
  if (psk !== undefined) expectOctets('the imported PSK', imported.psk, fromHex(psk))
  if (pskIdentity !== undefined) expectOctets('the imported identity', imported.identity, fromHex(pskIdentity))
}
