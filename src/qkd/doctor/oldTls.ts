/**
 * Whether a server still speaks TLS 1.1. The ClientHello is written here by hand, since the OpenSSL of the machine, or
 * the policy of its distribution, may refuse to send one.
 */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { concat } from '../../bytes.js'
import type { Site } from './site.js'

const HANDSHAKE = 22
const TLS_1_1 = [3, 2] as const
/** ECDHE and RSA with AES-CBC and 3DES, and the renegotiation signal: all that a TLS 1.1 server is likely to have. */
const SUITES = [0xc00a, 0xc014, 0xc009, 0xc013, 0x0035, 0x002f, 0xc012, 0x000a, 0x00ff]
/** supported_groups: x25519, secp256r1, secp384r1; ec_point_formats: uncompressed. */
const EXTENSIONS = [...[0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 24], ...[0, 11, 0, 2, 1, 0]]

/** `refused` is an alert, the end of the connection, or silence until the time-out. */
export function tryOldTls(site: Site, timeout: number): Promise<'accepted' | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect({ host: site.host, port: site.port })
    const end = (outcome: 'accepted' | 'refused'): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => end('refused'), timeout)
    let received: Uint8Array = new Uint8Array(0)
    socket.once('connect', () => socket.write(clientHello(randomBytes(32))))
    socket.on('data', (chunk) => {
      received = concat(received, chunk)
      // A ServerHello (2) in a handshake record, in whatever version, means that it goes on.
      if (received.length >= 6) end(received[0] === HANDSHAKE && received[5] === 2 ? 'accepted' : 'refused')
    })
    socket.once('error', () => end('refused'))
    socket.once('close', () => end('refused'))
  })
}

/** RFC 4346 7.4.1.2, in one record. */
function clientHello(random: Uint8Array): Uint8Array {
  const suites = SUITES.flatMap(twoOctets)
  const body = [
    ...TLS_1_1,
    ...random,
    0,
    ...twoOctets(suites.length),
    ...suites,
    ...[1, 0],
    ...twoOctets(EXTENSIONS.length),
    ...EXTENSIONS,
  ]
  const message = [1, 0, ...twoOctets(body.length), ...body]
  return Uint8Array.from([HANDSHAKE, 3, 1, ...twoOctets(message.length), ...message])
}

function twoOctets(value: number): [number, number] {
  return [value >> 8, value & 0xff]
}
