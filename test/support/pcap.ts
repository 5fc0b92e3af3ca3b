/** Writes what two ends said to each other as a pcap file of one or more TCP connections, for tools that read those. */

export interface Segment {
  readonly from: 'client' | 'server'
  readonly data: Uint8Array
}

/** Raw IPv4 packets (LINKTYPE_RAW). */
const LINK_TYPE = 101
const CLIENT = [10, 0, 0, 1]
const SERVER = [10, 0, 0, 2]
/** Octets of data in one packet. */
const MAX_SEGMENT = 16_000
const SYN = 0x02
const ACK = 0x10

/** Each connection in the order of its segments, from a client port of its own to port 443. */
export function pcap(connections: readonly (readonly Segment[])[]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(262_144, 16)
  header.writeUInt32LE(LINK_TYPE, 20)
  let time = 0
  const packets = connections.flatMap((segments, index) => packetsOf(segments, 50_000 + index))
  return Buffer.concat([header, ...packets.flatMap((packet) => [packetHeader(packet.length, time++), packet])])
}

function packetsOf(segments: readonly Segment[], clientPort: number): Buffer[] {
  const next = { client: 1000, server: 2000 }
  const packet = (from: Segment['from'], flags: number, data: Uint8Array): Buffer => {
    const to = from === 'client' ? 'server' : 'client'
    const acknowledged = flags === SYN ? 0 : next[to]
    const made = tcpPacket({ from, clientPort, sequence: next[from], acknowledged, flags, data })
    next[from] += data.length + (flags & SYN ? 1 : 0)
    return made
  }
  const none = new Uint8Array(0)
  const opening = [packet('client', SYN, none), packet('server', SYN | ACK, none), packet('client', ACK, none)]
  const data = segments.flatMap(({ from, data }) => pieces(data).map((piece) => packet(from, ACK, piece)))
  return [...opening, ...data]
}

interface TcpPacket {
  readonly from: Segment['from']
  readonly clientPort: number
  readonly sequence: number
  readonly acknowledged: number
  readonly flags: number
  readonly data: Uint8Array
}

/** RFC 791 and RFC 9293, without options; checksums are left zero, as where a network card makes them. */
function tcpPacket({ from, clientPort, sequence, acknowledged, flags, data }: TcpPacket): Buffer {
  const packet = Buffer.alloc(40 + data.length)
  const toServer = from === 'client'
  packet[0] = 0x45
  packet.writeUInt16BE(packet.length, 2)
  packet[8] = 64
  packet[9] = 6
  packet.set(toServer ? [...CLIENT, ...SERVER] : [...SERVER, ...CLIENT], 12)
  packet.writeUInt16BE(toServer ? clientPort : 443, 20)
  packet.writeUInt16BE(toServer ? 443 : clientPort, 22)
  packet.writeUInt32BE(sequence, 24)
  packet.writeUInt32BE(acknowledged, 28)
  packet[32] = 0x50
  packet[33] = flags
  packet.writeUInt16BE(0xffff, 34)
  packet.set(data, 40)
  return packet
}

/** One millisecond after the other. */
function packetHeader(length: number, milliseconds: number): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(1_700_000_000 + Math.floor(milliseconds / 1000), 0)
  header.writeUInt32LE((milliseconds % 1000) * 1000, 4)
  header.writeUInt32LE(length, 8)
  header.writeUInt32LE(length, 12)
  return header
}

function pieces(data: Uint8Array): Uint8Array[] {
  const cut: Uint8Array[] = []
  for (let offset = 0; offset < data.length; offset += MAX_SEGMENT)
    cut.push(data.subarray(offset, offset + MAX_SEGMENT))
  return cut
}
