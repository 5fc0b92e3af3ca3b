/** Handshakes in numbers. */
import type { End } from './end.js'

export interface Openings {
  readonly count: number
  /** How many go on at once. */
  readonly parallel: number
}

/** Does `work` so often, never more than `parallel` at once. */
export async function repeat({ count, parallel }: Openings, work: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker))
}

/** Read, as any program would do: else nothing is heard of the other end. How that closes is of no interest. */
export function keepReading(end: End): void {
  end.on('error', () => {})
  end.resume()
}

/** Resolves when it is closed. */
export async function closeAbruptly(end: End): Promise<void> {
  await new Promise((resolve) => end.once('close', resolve).destroy())
}
