/**
 * Tapes as packet captures that Wireshark opens (pcapng, draft-ietf-opsawg-pcapng). A tap on TCP sees octets, not packets: the
 * packets around them are made up, one TCP connection for each on the tape.
 */
import type { TapedConnection } from '../adversary/index.js'
import { type Packet, packetsOf } from './packets.js'

/** LINKTYPE_RAW: the packet starts with its IP header. */
const LINKTYPE_RAW = 101
const BLOCK = { section: 0x0a0d0d0a, interface: 1, enhancedPacket: 6, decryptionSecrets: 10 } as const
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const OPTION = { end: 0, comment: 1, userApplication: 4, interfaceName: 2 } as const
/** "TLSK": lines as SSLKEYLOGFILE has them (RFC 9850). */
const TLS_KEY_LOG = 0x544c534b

export interface PcapngOptions {
  /** Lines of RFC 9850, with which Wireshark decrypts. Whoever gets the file gets them too. */
  readonly keyLog?: string | undefined
}

/** One section with one interface; packets of all connections in the order of their times. */
export function writePcapng(tape: readonly TapedConnection[], { keyLog }: PcapngOptions = {}): Buffer {
  const packets = tape.flatMap(packetsOf).sort((a, b) => a.microseconds - b.microseconds)
  return Buffer.concat([
    sectionHeader(),
    interfaceDescription(),
    ...(keyLog === undefined ? [] : [decryptionSecrets(keyLog)]),
    ...packets.map(enhancedPacket),
  ])
}

function sectionHeader(): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
  body.writeUInt16LE(1, 4)
  body.writeUInt16LE(0, 6)
  // The length of the section is not given.
  body.writeBigInt64LE(-1n, 8)
  return block(BLOCK.section, body, option(OPTION.userApplication, 'trefoil'), END)
}

function interfaceDescription(): Buffer {
  const body = Buffer.alloc(8)
  body.writeUInt16LE(LINKTYPE_RAW, 0)
  // No limit on the length of packets; times are in microseconds unless an option says otherwise.
  body.writeUInt32LE(0, 4)
  const comment = 'octets as a tap on TCP saw them; the packets around them are made up'
  return block(BLOCK.interface, body, option(OPTION.interfaceName, 'tap'), option(OPTION.comment, comment), END)
}

function decryptionSecrets(keyLog: string): Buffer {
  const secrets = Buffer.from(keyLog, 'latin1')
  const body = Buffer.alloc(8)
  body.writeUInt32LE(TLS_KEY_LOG, 0)
  body.writeUInt32LE(secrets.length, 4)
  return block(BLOCK.decryptionSecrets, body, padded(secrets))
}

function enhancedPacket({ microseconds, octets }: Packet): Buffer {
  const body = Buffer.alloc(20)
  body.writeUInt32LE(0, 0)
  body.writeUInt32LE(Math.floor(microseconds / 2 ** 32), 4)
  body.writeUInt32LE(microseconds % 2 ** 32, 8)
  body.writeUInt32LE(octets.length, 12)
  body.writeUInt32LE(octets.length, 16)
  return block(BLOCK.enhancedPacket, body, padded(octets))
}

/** Type and total length, the parts, and the total length again. */
function block(type: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 12)
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(length, 4)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(length, 0)
  return Buffer.concat([head, ...parts, tail])
}

function option(code: number, text: string): Buffer {
  const value = Buffer.from(text, 'utf8')
  const head = Buffer.alloc(4)
  head.writeUInt16LE(code, 0)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, padded(value)])
}

const END = Buffer.alloc(4)

/** Fields end on a multiple of four octets. */
function padded(octets: Buffer): Buffer {
  return Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)])
}
