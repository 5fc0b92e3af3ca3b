/** The shared secret of a key exchange whose parts have fallen (RFC 9846 7.4, RFC 10024 4.1). */
import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import type { Leaks } from './leaks.js'
import { remembered } from './remembered.js'
import type { ExchangePart, Known, Schedule } from './schedule.js'

type Curve = 'x25519' | 'prime256v1' | 'secp384r1'

interface Part {
  readonly curve?: Curve
  readonly mlkem?: 768 | 1024
}

/** The parts of a group in the order in which their shares and secrets stand. */
const GROUPS: ReadonlyMap<number, readonly Part[]> = new Map<number, readonly Part[]>([
  [0x001d, [{ curve: 'x25519' }]],
  [0x0017, [{ curve: 'prime256v1' }]],
  [0x0018, [{ curve: 'secp384r1' }]],
  [0x11ec, [{ mlkem: 768 }, { curve: 'x25519' }]],
  [0x11eb, [{ curve: 'prime256v1' }, { mlkem: 768 }]],
  [0x11ed, [{ curve: 'secp384r1' }, { mlkem: 1024 }]],
])

const POINT_LENGTH: Readonly<Record<Curve, number>> = { x25519: 32, prime256v1: 65, secp384r1: 97 }
/** FIPS 203 table 3: encapsulation key and ciphertext. */
const MLKEM_LENGTH = { 768: { client: 1184, server: 1088 }, 1024: { client: 1568, server: 1568 } } as const

/** Null while too little has fallen, and for groups that nobody here knows. */
export function sharedSecret(
  group: number,
  clientShare: Uint8Array,
  serverShare: Uint8Array,
  leaks: Leaks,
  schedule: Schedule,
): Known {
  const parts = GROUPS.get(group)
  if (parts === undefined) return null
  const broken: ExchangePart[] = []
  const at = { client: 0, server: 0 }
  for (const { curve, mlkem } of parts) {
    const lengths =
      curve === undefined
        ? MLKEM_LENGTH[mlkem as 768 | 1024]
        : { client: POINT_LENGTH[curve], server: POINT_LENGTH[curve] }
    const client = Buffer.from(clientShare.subarray(at.client, at.client + lengths.client))
    const server = Buffer.from(serverShare.subarray(at.server, at.server + lengths.server))
    const secret =
      curve === undefined
        ? mlkemSecret(mlkem as 768 | 1024, client, server, leaks, schedule)
        : ecdh(curve, client, server, leaks)
    broken.push({
      component: curve === undefined ? 'mlkem' : 'curve',
      clientShare: client,
      serverShare: server,
      secret,
    })
    at.client += lengths.client
    at.server += lengths.server
  }
  return schedule.combine(broken)
}

/** Either side's scalar will do. */
function ecdh(curve: Curve, client: Buffer, server: Buffer, { curveKeys }: Leaks): Known {
  const ofClient = curveKeys.get(client.toString('hex'))
  const ofServer = curveKeys.get(server.toString('hex'))
  if (ofClient !== undefined) return remembered(curve, [ofClient, server], () => agree(curve, ofClient, server))
  if (ofServer !== undefined) return remembered(curve, [ofServer, client], () => agree(curve, ofServer, client))
  return null
}

/** RFC 8410 7: what stands before the 32 octets of an X25519 key in PKCS#8 and in a SubjectPublicKeyInfo. */
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')

function agree(curve: Curve, scalar: Uint8Array, point: Buffer): Buffer {
  if (curve !== 'x25519') {
    const own = createECDH(curve)
    own.setPrivateKey(scalar)
    return own.computeSecret(point)
  }
  const privateKey = createPrivateKey({ key: Buffer.concat([X25519_PKCS8, scalar]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey({ key: Buffer.concat([X25519_SPKI, point]), format: 'der', type: 'spki' })
  return diffieHellman({ privateKey, publicKey })
}

function mlkemSecret(level: 768 | 1024, client: Buffer, server: Buffer, leaks: Leaks, { guessSeed }: Schedule): Known {
  const encapsulated = leaks.encapsulatedSecrets.get(server.toString('hex'))
  if (encapsulated !== undefined) return Buffer.from(encapsulated)
  const seed = leaks.decapsulationSeeds.get(client.toString('hex')) ?? guessSeed(client)
  if (seed === null) return null
  return remembered(`ML-KEM-${level}`, [seed, server], () => {
    const kem = level === 768 ? ml_kem768 : ml_kem1024
    return kem.decapsulate(server, kem.keygen(seed).secretKey)
  })
}
