/** What a stream gathered while it could not write, as chunks that are worth a record each. */

/** Octets: half a record. */
const LONG_WRITE = 8192

/** Short writes share a record; long ones fill records of their own and need not be copied. */
export function joinShort(chunks: readonly Buffer[]): readonly Buffer[] {
  const joined: Buffer[] = []
  let short: Buffer[] = []
  const join = () => {
    if (short.length > 0) joined.push(short.length === 1 ? (short[0] as Buffer) : Buffer.concat(short))
    short = []
  }
  for (const chunk of chunks) {
    if (chunk.length < LONG_WRITE) {
      short.push(chunk)
    } else {
      join()
      joined.push(chunk)
    }
  }
  join()
  return joined
}
