/** One handshake of the demonstration between a server process and a client process, and what both report of it. */
import { randomBytes } from 'node:crypto'
import type { HandshakeEvent } from '../output.js'
import { type Materials, SAE_A, SAE_B } from './materials.js'
import type { Child } from './processes.js'

export interface Scenario {
  readonly name: 'certificate' | 'psk'
  readonly title: string
  readonly serverArguments: readonly string[]
  readonly clientArguments: readonly string[]
}

export interface Observed {
  readonly client: HandshakeEvent
  readonly server: HandshakeEvent
  readonly octetsSent: number
  /** What came back is what was sent, octet for octet. */
  readonly echoed: boolean
  readonly clientExitCode: number | null
  /** close_notify from both sides. */
  readonly closedCleanly: boolean
}

export const PSK_IDENTITY = 'demonstration'
const PAYLOAD_LENGTH = 256 * 1024

export function scenarios(materials: Materials): Scenario[] {
  const { ca, server, client } = materials
  const psk = ['--psk', `${PSK_IDENTITY}:${randomBytes(32).toString('hex')}`]
  return [
    {
      name: 'certificate',
      title: 'ML-DSA-65 certificates both ways, with a QKD key (RFC 9973)',
      serverArguments: ['--cert', server.cert, '--key', server.key, '--ca', ca, '--request-cert'],
      clientArguments: ['--cert', client.cert, '--key', client.key, '--ca', ca],
    },
    {
      name: 'psk',
      title: 'pre-shared key with a QKD key (RFC 9258)',
      serverArguments: psk,
      clientArguments: psk,
    },
  ]
}

/** URLs of the key managers at the client's and the server's site. */
export interface KeyManagerUrls {
  readonly client: string
  readonly server: string
}

export type Spawn = (name: string, args: readonly string[]) => Child

export async function run(
  scenario: Scenario,
  materials: Materials,
  kme: KeyManagerUrls,
  spawn: Spawn,
): Promise<Observed> {
  const { server, client } = await startEnds(scenario, materials, kme, spawn)
  const payload = randomBytes(PAYLOAD_LENGTH)
  client.write(payload)
  // Whichever side fails says why; the other one only sees the alert.
  const [atClient, atServer] = await Promise.all([client.line('handshake'), server.line('handshake')])
  const echo = await client.octets(PAYLOAD_LENGTH)
  client.endInput()
  const clientExitCode = await client.exitCode()
  const { clean } = await server.line('closed')
  server.stop()
  return {
    client: atClient as unknown as HandshakeEvent,
    server: atServer as unknown as HandshakeEvent,
    octetsSent: PAYLOAD_LENGTH,
    echoed: echo.equals(payload),
    clientExitCode,
    closedCleanly: clean === true && clientExitCode === 0,
  }
}

/** Both processes of a handshake, the client on its way to the server. */
export async function startEnds(scenario: Scenario, materials: Materials, kme: KeyManagerUrls, spawn: Spawn) {
  const { saeA, saeB, kmeCa } = materials
  const atB = ['--qkd-kme', kme.server, '--qkd-cert', saeB.cert, '--qkd-key', saeB.key, '--qkd-ca', kmeCa]
  const atA = ['--qkd-kme', kme.client, '--qkd-cert', saeA.cert, '--qkd-key', saeA.key, '--qkd-ca', kmeCa]
  const server = spawn('server', [
    ...['serve', '--listen', '127.0.0.1:0', '--json', '--sae', SAE_B, '--peer-sae', SAE_A],
    ...atB,
    ...scenario.serverArguments,
  ])
  const { port } = await server.line('listening')
  const client = spawn('client', [
    ...['connect', `127.0.0.1:${port}`, '--json', '--sae', SAE_A, '--peer-sae', SAE_B],
    ...atA,
    ...scenario.clientArguments,
  ])
  return { server, client }
}
