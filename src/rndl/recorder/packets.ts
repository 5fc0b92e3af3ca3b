/** IPv4 packets of a made-up TCP connection that carries what was taped (RFC 791, RFC 9293). */
import type { Direction, TapedConnection } from '../adversary/index.js'

export interface Packet {
  /** Since the epoch. */
  readonly microseconds: number
  /** From the IP header on. */
  readonly octets: Buffer
}

/** Addresses for documentation (RFC 5737). The port makes Wireshark see TLS. */
const HOST = { client: [192, 0, 2, 1], server: [192, 0, 2, 2] } as const
const SERVER_PORT = 443
const FIRST_CLIENT_PORT = 49_152
const CLIENT_PORTS = 65_536 - FIRST_CLIENT_PORT
/** What Ethernet leaves for the data of a segment. */
const MAX_SEGMENT = 1460
const FLAG = { fin: 1, syn: 2, psh: 8, ack: 16 } as const
const IP_HEADER = 20
const TCP_HEADER = 20

/** The packets from SYN to the last acknowledgement of a FIN. */
export function packetsOf({ startedAt = 0, segments }: TapedConnection, index: number): Packet[] {
  const connection = new TcpConnection(FIRST_CLIENT_PORT + (index % CLIENT_PORTS), 1000 * startedAt)
  connection.open()
  for (const { from, milliseconds, octets } of segments) connection.send(from, milliseconds, Buffer.from(octets))
  connection.close()
  return connection.packets
}

class TcpConnection {
  readonly packets: Packet[] = []
  readonly #clientPort: number
  readonly #start: number
  #now: number
  /** The next sequence number of each side. */
  readonly #next: Record<Direction, number> = { client: 0, server: 0 }
  readonly #ipId: Record<Direction, number> = { client: 0, server: 0 }

  constructor(clientPort: number, start: number) {
    this.#clientPort = clientPort
    this.#start = start
    this.#now = start
  }

  open(): void {
    this.#emit('client', FLAG.syn)
    this.#emit('server', FLAG.syn | FLAG.ack)
    this.#emit('client', FLAG.ack)
  }

  send(from: Direction, milliseconds: number, octets: Buffer): void {
    this.#now = this.#start + Math.round(1000 * milliseconds)
    for (let at = 0; at < octets.length; at += MAX_SEGMENT) {
      const data = octets.subarray(at, at + MAX_SEGMENT)
      this.#emit(from, FLAG.ack | (at + MAX_SEGMENT >= octets.length ? FLAG.psh : 0), data)
    }
  }

  close(): void {
    this.#emit('client', FLAG.fin | FLAG.ack)
    this.#emit('server', FLAG.fin | FLAG.ack)
    this.#emit('client', FLAG.ack)
  }

  #emit(from: Direction, flags: number, data: Buffer = Buffer.alloc(0)): void {
    const to: Direction = from === 'client' ? 'server' : 'client'
    const options = flags & FLAG.syn ? maximumSegmentSize() : Buffer.alloc(0)
    const tcp = Buffer.concat([Buffer.alloc(TCP_HEADER), options, data])
    const [source, target] = from === 'client' ? [this.#clientPort, SERVER_PORT] : [SERVER_PORT, this.#clientPort]
    tcp.writeUInt16BE(source, 0)
    tcp.writeUInt16BE(target, 2)
    tcp.writeUInt32BE(this.#next[from], 4)
    tcp.writeUInt32BE(flags & FLAG.ack ? this.#next[to] : 0, 8)
    tcp.writeUInt8(((TCP_HEADER + options.length) / 4) << 4, 12)
    tcp.writeUInt8(flags, 13)
    tcp.writeUInt16BE(65_535, 14)
    tcp.writeUInt16BE(checksum(pseudoHeader(from, to, tcp.length), tcp), 16)
    this.packets.push({ microseconds: this.#now, octets: Buffer.concat([this.#ipHeader(from, to, tcp.length), tcp]) })
    // SYN and FIN count as one octet each (RFC 9293 3.4).
    const counted = data.length + (flags & (FLAG.syn | FLAG.fin) ? 1 : 0)
    this.#next[from] = (this.#next[from] + counted) % 2 ** 32
  }

  #ipHeader(from: Direction, to: Direction, length: number): Buffer {
    const header = Buffer.alloc(IP_HEADER)
    header.writeUInt8(0x45, 0)
    header.writeUInt16BE(IP_HEADER + length, 2)
    header.writeUInt16BE(this.#ipId[from]++ % 2 ** 16, 4)
    // Do not fragment.
    header.writeUInt16BE(0x4000, 6)
    header.writeUInt8(64, 8)
    header.writeUInt8(PROTOCOL_TCP, 9)
    header.set(HOST[from], 12)
    header.set(HOST[to], 16)
    header.writeUInt16BE(checksum(header), 10)
    return header
  }
}

const PROTOCOL_TCP = 6

function maximumSegmentSize(): Buffer {
  return Buffer.from([2, 4, MAX_SEGMENT >> 8, MAX_SEGMENT & 255])
}

function pseudoHeader(from: Direction, to: Direction, length: number): Buffer {
  return Buffer.from([...HOST[from], ...HOST[to], 0, PROTOCOL_TCP, length >> 8, length & 255])
}

/** RFC 1071. All parts but the last have an even length. */
function checksum(...parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] as number) << 8) | (part[at + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}
