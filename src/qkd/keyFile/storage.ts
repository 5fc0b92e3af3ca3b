/**
 * An open key file: reads single records, and spends them. A record is spent by overwriting its key and check value
 * with zeros and waiting for fdatasync, all *before* the key leaves here. If the machine stops in between, the record
 * is whole (and its key was given to nobody), zero, or torn, and a torn one does not fit its check value.
 */
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import {
  decodeHeader,
  decodeRecord,
  ID_LENGTH,
  type KeyFileHeader,
  MAX_HEADER_LENGTH,
  type RecordState,
  recordLength,
  usedRecordTail,
} from './format.js'

/** Records read at a time when all are. */
const BATCH = 4096

/** A key taken out of the file, or why there is none. */
export type Spent = { readonly id: Uint8Array; readonly key: Uint8Array } | Exclude<RecordState, 'unused'>

export class KeyFileStorage {
  readonly path: string
  readonly header: KeyFileHeader
  readonly #handle: FileHandle
  readonly #start: number

  private constructor(path: string, handle: FileHandle, header: KeyFileHeader, start: number) {
    this.path = path
    this.#handle = handle
    this.header = header
    this.#start = start
  }

  /**
   * @throws TrefoilError ERR_INVALID_OPTION when the file cannot be opened, is open to others, or has a second name;
   *   ERR_QKD_BAD_REPLY when it is not a whole key file
   */
  static async open(path: string, access: 'read' | 'spend'): Promise<KeyFileStorage> {
    let handle: FileHandle
    let real: string
    try {
      real = await realpath(path)
      handle = await open(real, access === 'read' ? 'r' : 'r+')
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code
      throw new TrefoilError('ERR_INVALID_OPTION', `the key file ${path} cannot be opened (${code})`, { cause })
    }
    try {
      const { header, start } = await readHeader(handle, path)
      return new KeyFileStorage(real, handle, header, start)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async state(index: number): Promise<RecordState> {
    const record = await this.#read(index)
    const { state } = decodeRecord(this.header, index, record)
    wipe(record)
    return state
  }

  /** How many records from `start` up to `end` are in which state; reads a batch at a time. */
  async count(start: number, end: number): Promise<Record<RecordState, number>> {
    const counts: Record<RecordState, number> = { unused: 0, used: 0, damaged: 0 }
    const length = recordLength(this.header)
    for (let index = start; index < end; index += BATCH) {
      const records = await this.#readAt(this.#position(index), Math.min(BATCH, end - index) * length)
      for (let at = 0; at < records.length; at += length) {
        counts[decodeRecord(this.header, index + at / length, records.subarray(at, at + length)).state]++
      }
      wipe(records)
    }
    return counts
  }

  /** Where a key_ID stands, by bisection; null when it is not in the file. */
  async find(id: Uint8Array): Promise<number | null> {
    let [low, high] = [0, this.header.count]
    while (low < high) {
      const middle = (low + high) >> 1
      const there = await this.#readAt(this.#position(middle), ID_LENGTH)
      const order = Buffer.compare(there, id)
      if (order === 0) return middle
      if (order < 0) low = middle + 1
      else high = middle
    }
    return null
  }

  /**
   * Takes a key out for good; the caller wipes it.
   * @throws TrefoilError ERR_QKD_UNREACHABLE when the file cannot be read, or not be written for certain: no key then
   */
  async spend(index: number): Promise<Spent> {
    const record = await this.#read(index)
    const { id, key, state } = decodeRecord(this.header, index, record)
    if (state !== 'unused') return state
    try {
      const tail = usedRecordTail(this.header)
      const { bytesWritten } = await this.#handle.write(tail, 0, tail.length, this.#position(index) + ID_LENGTH)
      if (bytesWritten !== tail.length) throw new Error('short write')
      await this.#handle.datasync()
    } catch (cause) {
      wipe(record)
      const why = 'a key cannot be marked as used in the key file for certain, so it is not given out'
      throw new TrefoilError('ERR_QKD_UNREACHABLE', why, { cause })
    }
    const spent = { id: Uint8Array.from(id), key: Uint8Array.from(key) }
    wipe(record)
    return spent
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  #position(index: number): number {
    return this.#start + index * recordLength(this.header)
  }

  #read(index: number): Promise<Uint8Array> {
    return this.#readAt(this.#position(index), recordLength(this.header))
  }

  async #readAt(position: number, length: number): Promise<Uint8Array> {
    const octets = new Uint8Array(length)
    const { bytesRead } = await this.#handle.read(octets, 0, length, position).catch((cause: unknown) => {
      throw new TrefoilError('ERR_QKD_UNREACHABLE', 'the key file cannot be read', { cause })
    })
    if (bytesRead === length) return octets
    throw new TrefoilError('ERR_QKD_BAD_REPLY', 'the key file has been cut short')
  }
}

async function readHeader(handle: FileHandle, path: string): Promise<{ header: KeyFileHeader; start: number }> {
  const { mode, nlink, size, isFile } = await handle.stat().then((stat) => ({ ...stat, isFile: stat.isFile() }))
  const refuse = (why: string): TrefoilError => new TrefoilError('ERR_INVALID_OPTION', `the key file ${path} ${why}`)
  if (!isFile) throw refuse('is not a file')
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw refuse('can be used by others than its owner; its mode must be 600')
  }
  // Under a second name it would have a second lock.
  if (nlink > 1) throw refuse('has another name (a hard link)')
  const octets = new Uint8Array(Math.min(size, MAX_HEADER_LENGTH))
  await handle.read(octets, 0, octets.length, 0)
  const { header, length } = decodeHeader(octets)
  wipe(octets)
  const whole = length + header.count * recordLength(header)
  if (size !== whole) {
    throw new TrefoilError('ERR_QKD_BAD_REPLY', `the key file has ${size} bytes where its header says ${whole}`)
  }
  return { header, start: length }
}
