/**
 * A key source out of a file of keys that both ends hold, carried there by hand or written by a key manager without an
 * interface. No key of it is given out twice, whatever stops the process or the machine.
 */
import { TrefoilError } from '../../errors.js'
import { refuseIfAborted } from '../abort.js'
import { formatUuid } from '../identifiers.js'
import type { DeliveryLink, KeySource, QkdKey } from '../keySource.js'
import { type KeyFileHeader, parseKeyId, partOf } from './format.js'
import { type Lock, lockKeyFile } from './lock.js'
import { KeyFileStorage } from './storage.js'

export interface KeyFileOptions {
  readonly path: string
  /** When given, the file must be shared with this SAE. */
  readonly peerSaeId?: string
  /** When given, the file must be this SAE's copy. */
  readonly localSaeId?: string
  /** Default `key-file`. Enters the importer context, so both ends configure the same. */
  readonly name?: string
}

export interface KeyFileSource extends KeySource {
  /** As the file says. */
  readonly localSaeId: string
  readonly peerSaeId: string
  /** Lets another process have the file. Later calls throw ERR_INVALID_STATE. */
  close(): Promise<void>
}

const DELIVERY: DeliveryLink = { kind: 'file', protocol: null, group: null, postQuantum: true }

/**
 * Opens a key file (docs/key-file.md), for this process alone. `getKey` gives the keys of our part of the file in
 * order, `getKeyWithId` those of the peer's part: a key that is ours to start with can never be asked of us. Calls are
 * served one after the other, each after the file is known to be on the disk without the key. They refuse with
 * - ERR_QKD_REFUSED: any other peer,
 * - ERR_QKD_EXHAUSTED: no key left of our part,
 * - ERR_QKD_KEY_NOT_FOUND: a key_ID that is not in the peer's part, or was fetched before,
 * - ERR_QKD_BAD_REPLY: the key that the peer named is damaged in our copy,
 * - ERR_QKD_UNREACHABLE: the file cannot be read or written,
 * - ERR_ABORTED: the signal had fired. ERR_INVALID_STATE: the source is closed.
 * @throws TrefoilError ERR_INVALID_OPTION when the file cannot be opened, is readable by others than its owner, or is
 *   not for these SAEs; ERR_QKD_BAD_REPLY when it is damaged or cut short; ERR_INVALID_STATE when another process, or
 *   this one, has it open
 */
export async function keyFile(options: KeyFileOptions): Promise<KeyFileSource> {
  const storage = await KeyFileStorage.open(options.path, 'spend')
  let lock: Lock | null = null
  try {
    const { saeIds, owner } = storage.header
    checkSae(options.localSaeId, saeIds[owner], 'is the copy of another SAE')
    checkSae(options.peerSaeId, saeIds[owner === 0 ? 1 : 0], 'is shared with another SAE')
    lock = await lockKeyFile(storage.path)
    return new Source(options.name ?? 'key-file', storage, lock, await firstUnused(storage))
  } catch (error) {
    await lock?.release()
    await storage.close()
    throw error
  }
}

class Source implements KeyFileSource {
  readonly name: string
  readonly localSaeId: string
  readonly peerSaeId: string
  readonly deliveryLink = DELIVERY
  readonly #storage: KeyFileStorage
  readonly #lock: Lock
  /** The next record of our part to try. */
  #next: number
  #last: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | null = null

  constructor(name: string, storage: KeyFileStorage, lock: Lock, next: number) {
    const { saeIds, owner } = storage.header
    this.name = name
    this.localSaeId = saeIds[owner]
    this.peerSaeId = saeIds[owner === 0 ? 1 : 0]
    this.#storage = storage
    this.#lock = lock
    this.#next = next
  }

  getKey(peerSaeId: string, { signal }: { signal?: AbortSignal } = {}): Promise<QkdKey> {
    return this.#inTurn(peerSaeId, signal, async () => {
      const [, end] = ownPart(this.#storage.header)
      while (this.#next < end) {
        // Passed over whatever comes of it: used and damaged ones are not looked at again, nor is one that failed.
        const spent = await this.#storage.spend(this.#next++)
        if (typeof spent === 'object') return delivered(spent)
      }
      throw new TrefoilError('ERR_QKD_EXHAUSTED', 'every key of the file that is for handshakes of ours has been used')
    })
  }

  getKeyWithId(peerSaeId: string, keyId: string, { signal }: { signal?: AbortSignal } = {}): Promise<QkdKey> {
    return this.#inTurn(peerSaeId, signal, async () => {
      const id = parseKeyId(keyId)
      const index = id === null ? null : await this.#storage.find(id)
      const spent = index === null || isOwn(this.#storage.header, index) ? 'used' : await this.#storage.spend(index)
      if (typeof spent === 'object') return delivered(spent)
      throw spent === 'damaged'
        ? new TrefoilError('ERR_QKD_BAD_REPLY', 'the key that the peer named is damaged in the key file')
        : new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the peer named a key that is not in its part of the file, or used')
    })
  }

  async status(peerSaeId: string, { signal }: { signal?: AbortSignal } = {}) {
    this.#check(peerSaeId, signal)
    const { header } = this.#storage
    const [start, end] = ownPart(header)
    const keySize = 8 * header.keyLength
    return {
      storedKeyCount: end - this.#next,
      maxKeyCount: end - start,
      keySize,
      minKeySize: keySize,
      maxKeySize: keySize,
      maxKeysPerRequest: 1,
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#last.then(async () => {
      await this.#storage.close()
      await this.#lock.release()
    })
    return this.#closed
  }

  /** One after the other, so that no two look at the same record. */
  #inTurn<T>(peerSaeId: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      this.#check(peerSaeId, signal)
      return act()
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #check(peerSaeId: string, signal: AbortSignal | undefined): void {
    if (this.#closed !== null) throw new TrefoilError('ERR_INVALID_STATE', 'the key source is closed')
    refuseIfAborted(signal)
    if (peerSaeId !== this.peerSaeId) {
      throw new TrefoilError('ERR_QKD_REFUSED', 'the key file is shared with another SAE')
    }
  }
}

/**
 * The keys of our part were used from its start, so the first unused one is found by bisection. It is a place to begin
 * at, no more: every record shows for itself whether it has been used.
 */
async function firstUnused(storage: KeyFileStorage): Promise<number> {
  let [low, high] = ownPart(storage.header)
  while (low < high) {
    const middle = (low + high) >> 1
    // One torn in a crash is not taken for a sign of what lies before it.
    if ((await storage.state(middle)) === 'used') low = middle + 1
    else high = middle
  }
  return low
}

function ownPart(header: KeyFileHeader): readonly [number, number] {
  return partOf(header, header.owner)
}

function isOwn(header: KeyFileHeader, index: number): boolean {
  const [start, end] = ownPart(header)
  return index >= start && index < end
}

function delivered({ id, key }: { id: Uint8Array; key: Uint8Array }): QkdKey {
  return { keyId: formatUuid(id), key, delivery: DELIVERY }
}

function checkSae(expected: string | undefined, actual: string, otherwise: string): void {
  if (expected !== undefined && expected !== actual) {
    throw new TrefoilError('ERR_INVALID_OPTION', `the key file ${otherwise}`)
  }
}
