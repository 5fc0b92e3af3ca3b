/** Reads packet captures of one interface with raw IPv4, as strictly as the specifications allow. */

export interface TcpStream {
  readonly client: Buffer
  readonly server: Buffer
  /** Of each packet: `S`, `A`, `P`, `F`. */
  readonly flags: readonly string[]
  readonly lengths: readonly number[]
  readonly microseconds: readonly number[]
  readonly maximumSegmentSize: number
}

export interface Capture {
  readonly linkType: number
  readonly keyLog: string | null
  /** In the order of their first packets' ports. */
  readonly streams: readonly TcpStream[]
}

interface Packet {
  readonly microseconds: number
  readonly octets: Buffer
}

export function readPcapng(file: Buffer): Capture {
  const blocks = [...readBlocks(file)]
  if (blocks[0]?.type !== 0x0a0d0d0a || blocks[0].body.readUInt32LE(0) !== 0x1a2b3c4d) throw new Error('no section')
  if (blocks[1]?.type !== 1) throw new Error('no interface')
  const secrets = blocks.find(({ type }) => type === 10)?.body
  const packets = blocks.filter(({ type }) => type === 6).map(({ body }) => readPacket(body))
  return {
    linkType: blocks[1].body.readUInt16LE(0),
    keyLog: secrets === undefined ? null : readSecrets(secrets),
    streams: readStreams(packets),
  }
}

function* readBlocks(file: Buffer): Generator<{ type: number; body: Buffer }> {
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4)
    if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length) throw new Error('a block of odd length')
    yield { type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) }
    at += length
  }
}

function readSecrets(body: Buffer): string {
  if (body.toString('latin1', 0, 4) !== 'KSLT') throw new Error('secrets of another kind')
  return body.toString('latin1', 8, 8 + body.readUInt32LE(4))
}

function readPacket(body: Buffer): Packet {
  const [captured, original] = [body.readUInt32LE(12), body.readUInt32LE(16)]
  if (captured !== original) throw new Error('a packet was cut')
  return {
    microseconds: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8),
    octets: body.subarray(20, 20 + captured),
  }
}

interface Segment {
  readonly fromClient: boolean
  readonly sequence: number
  readonly acknowledged: number
  readonly flags: number
  readonly options: Buffer
  readonly data: Buffer
  readonly microseconds: number
}

function readStreams(packets: readonly Packet[]): TcpStream[] {
  const byPort = new Map<number, Segment[]>()
  for (const packet of packets) {
    const { port, segment } = readSegment(packet)
    byPort.set(port, [...(byPort.get(port) ?? []), segment])
  }
  return [...byPort].sort(([a], [b]) => a - b).map(([, segments]) => reassemble(segments))
}

function readSegment({ octets, microseconds }: Packet): { port: number; segment: Segment } {
  if (octets[0] !== 0x45 || octets[9] !== 6) throw new Error('no TCP in IPv4 without options')
  if (octets.readUInt16BE(2) !== octets.length) throw new Error('a wrong total length')
  if (onesComplementSum(octets.subarray(0, 20)) !== 0xffff) throw new Error('a wrong IP checksum')
  const tcp = octets.subarray(20)
  const pseudo = Buffer.concat([octets.subarray(12, 20), Buffer.from([0, 6, tcp.length >> 8, tcp.length & 255])])
  if (onesComplementSum(Buffer.concat([pseudo, tcp])) !== 0xffff) throw new Error('a wrong TCP checksum')
  const [source, target] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)]
  const fromClient = target === 443
  const header = 4 * (tcp.readUInt8(12) >> 4)
  return {
    port: fromClient ? source : target,
    segment: {
      fromClient,
      sequence: tcp.readUInt32BE(4),
      acknowledged: tcp.readUInt32BE(8),
      flags: tcp.readUInt8(13),
      options: tcp.subarray(20, header),
      data: tcp.subarray(header),
      microseconds,
    },
  }
}

function reassemble(segments: readonly Segment[]): TcpStream {
  const next = { true: segments[0]?.sequence ?? 0, false: segments[1]?.sequence ?? 0 }
  const data = { true: [] as Buffer[], false: [] as Buffer[] }
  for (const { fromClient, sequence, acknowledged, flags, data: octets } of segments) {
    const [own, other] = fromClient ? (['true', 'false'] as const) : (['false', 'true'] as const)
    if (sequence !== next[own]) throw new Error('a gap in the sequence numbers')
    if (flags & 16 && acknowledged !== next[other]) throw new Error('an acknowledgement of something else')
    next[own] = (next[own] + octets.length + (flags & 3 ? 1 : 0)) % 2 ** 32
    data[own].push(octets)
  }
  const [syn] = segments
  return {
    client: Buffer.concat(data.true),
    server: Buffer.concat(data.false),
    flags: segments.map(({ flags }) => nameFlags(flags)),
    lengths: segments.map((segment) => segment.data.length),
    microseconds: segments.map(({ microseconds }) => microseconds),
    maximumSegmentSize: syn?.options.readUInt16BE(2) ?? 0,
  }
}

function nameFlags(flags: number): string {
  const names: readonly [number, string][] = [
    [2, 'S'],
    [8, 'P'],
    [1, 'F'],
    [16, 'A'],
  ]
  return names.map(([bit, name]) => (flags & bit ? name : '')).join('')
}

function onesComplementSum(octets: Buffer): number {
  let sum = 0
  for (let at = 0; at < octets.length; at += 2) sum += (octets[at] as number) * 256 + (octets[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000)
  return sum
}
