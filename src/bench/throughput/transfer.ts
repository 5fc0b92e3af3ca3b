/** One transfer in one direction, as the two ends of a connection do it. */
import { once } from 'node:events'
import type { End } from '../stacks/end.js'

export interface Sent {
  /** From the first write until the receiver has said that it has all. */
  readonly seconds: number
  /** User and system time of this process meanwhile. */
  readonly cpuMicroseconds: number
}

/** Writes as fast as the connection takes it: until `write` says that it is full, then again at `drain`. */
export async function sendAll(end: End, writeSize: number, writes: number): Promise<Sent> {
  const chunk = Buffer.alloc(writeSize, 'trefoil ')
  const before = process.cpuUsage()
  const started = process.hrtime.bigint()
  const acknowledged = once(end, 'data')
  let left = writes
  const write = (): void => {
    while (left > 0) {
      left--
      if (end.write(chunk)) continue
      if (left > 0) end.once('drain', write)
      return
    }
  }
  write()
  await acknowledged
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, cpuMicroseconds: cpuSince(before) }
}

/** Counts what comes and says when it was all, by one octet. Resolves with the CPU time of this process meanwhile, in µs. */
export function receiveAll(end: End, octets: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const before = process.cpuUsage()
    let left = octets
    const count = (chunk: Uint8Array): void => {
      left -= chunk.length
      if (left > 0) return
      end.off('data', count)
      end.off('error', reject)
      end.write(Buffer.alloc(1))
      resolve(cpuSince(before))
    }
    end.on('data', count)
    end.once('error', reject)
  })
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}
