/** KeyUpdate in both directions of a connection (RFC 9846 section 4.7.3): when ours is due, and how many we bear. */
import type { CipherSuiteName } from '../crypto/cipherSuites.js'
import { TrefoilError } from '../errors.js'
import type { Limits } from './config.js'
import { decodeKeyUpdate, encodeKeyUpdate } from './messages/keyUpdate.js'
import { type RecordLayer, recordLimit } from './recordLayer.js'

export class KeyUpdates {
  private readonly records: RecordLayer
  private readonly limits: Limits
  /** We have asked the peer for one and it has not come. */
  private awaited = false
  /** Received since the peer last sent data. */
  private inARow = 0

  constructor(records: RecordLayer, limits: Limits) {
    this.records = records
    this.limits = limits
  }

  /** Sends one, and goes on to our next sending key. */
  send(peerToo: boolean): void {
    // RFC 9846 4.7.3: no second request while the answer to the first is outstanding.
    const request = peerToo && !this.awaited
    this.records.queueHandshake(encodeKeyUpdate(request))
    this.records.updateWriting()
    if (request) this.awaited = true
  }

  /** Takes the peer's and goes on to its next key. Returns whether it asks for ours. */
  receive(body: Uint8Array): boolean {
    const requested = decodeKeyUpdate(body)
    if (++this.inARow > this.limits.consecutiveKeyUpdates) {
      throw new TrefoilError('ERR_TOO_MANY_KEY_UPDATES', 'peer sent one KeyUpdate after another without any data')
    }
    this.records.updateReading()
    this.awaited = false
    return requested
  }

  dataReceived(): void {
    this.inARow = 0
  }

  /** RFC 9846 5.5: a key is replaced before it reaches the limit of its AEAD. */
  isDue(suite: CipherSuiteName): boolean {
    return this.records.recordsWritten + 1 >= recordLimit(suite, this.limits.recordsPerKey)
  }
}
