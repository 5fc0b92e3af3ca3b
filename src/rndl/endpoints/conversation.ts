/** What the two ends of a connection have in common when they play a scenario. */
import { toHex } from '../../bytes.js'
import type { Protection } from '../../node/protection.js'
import type { TLSSocket } from '../../node/tlsSocket.js'
import type { ConnectionFacts, KeptSession } from './facts.js'
import { EXPORTER } from './script.js'

/** Lines of a socket, one after the other. */
export function linesOf(socket: TLSSocket): { next(): Promise<string> } {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held = ''
  return {
    /** Rejects when the connection fails, or ends before the line does. */
    async next() {
      for (;;) {
        const end = held.indexOf('\n')
        if (end >= 0) {
          const line = held.slice(0, end)
          held = held.slice(end + 1)
          return line
        }
        const { done, value } = await chunks.next()
        if (done === true) throw new Error('the peer ended the connection too soon')
        held += value.toString('latin1')
      }
    },
  }
}

/** @throws Error when the line is not what the script says: then nothing was recorded that could be held against it */
export async function expectLine(lines: { next(): Promise<string> }, line: string): Promise<void> {
  if ((await lines.next()) !== line) throw new Error('the peer said something that is not in the script')
}

/** Collects `keylog` events (RFC 9850). */
export class KeyLog {
  readonly lines: string[] = []

  readonly onKeylog = (line: Buffer): void => {
    this.lines.push(line.toString('latin1').trim())
  }
}

export function factsOf(
  name: string,
  socket: TLSSocket,
  { lines }: KeyLog,
  sessions: readonly KeptSession[],
): ConnectionFacts {
  const { label, context, length } = EXPORTER
  const certificate = socket.getPeerX509Certificate()?.raw
  return {
    name,
    protection: socket.protection as Protection,
    peerCertificate: certificate === undefined ? null : toHex(certificate),
    exported: toHex(socket.exportKeyingMaterial(length, label, Buffer.from(context))),
    keyLog: lines,
    sessions,
  }
}
