/** What a tunnel prints of its connections: a line when one opens, fails and closes. */
import type { Tunnel } from '../../node/tunnel/index.js'
import { describeHandshake, errorEvent, handshakeEvent, type Printer } from '../output.js'

export type TunnelPrinter = Printer

export function reportTunnel(tunnel: Tunnel, print: TunnelPrinter): void {
  tunnel.on('open', ({ connection, from, socket }) => {
    const handshake = handshakeEvent(socket)
    print(
      { ...handshake, event: 'open', connection, from },
      `${name(connection, from)}: ${describeHandshake(handshake)}`,
    )
  })
  tunnel.on('failure', ({ connection, from, stage, error }) => {
    const event = errorEvent(error)
    const text = `${name(connection, from)}: ${event.message} (${event.code})`
    print({ ...event, connection, from, stage }, text)
  })
  tunnel.on('close', ({ connection, from, clean, octets, milliseconds }) => {
    const how = clean ? 'closed' : 'broken off'
    const text = `connection ${connection}: ${how}; ${octets.sent} octets sent, ${octets.received} received`
    print({ event: 'close', connection, from, clean, octets, milliseconds }, text)
  })
}

function name(connection: number, from: string): string {
  return from === '' ? `connection ${connection}` : `connection ${connection} from ${from}`
}
