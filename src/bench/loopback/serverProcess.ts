/** The servers of a mode as a process of their own, so that their processor time can be told from the client's. */
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { createServer as createNodeServer } from 'node:tls'
import { nodeProvider } from '../../crypto/index.js'
import { createServer } from '../../node/server.js'
import { endsOf, nodeEndsOf } from '../handshakes/ends.js'
import { derivedSource } from '../handshakes/keySources.js'
import type { Materials } from '../handshakes/materials.js'
import type { Mode } from '../handshakes/modes.js'
import { processorMicroseconds } from '../rounds.js'

export type Ask =
  | { readonly ask: 'serve'; readonly mode: Mode; readonly materials: Materials }
  | { readonly ask: 'processor time' }

export type Answer =
  /** Ports on 127.0.0.1; null where the running Node has no such server. */
  | { readonly answer: 'ports'; readonly ports: Ports }
  /** Microseconds since the start of the process. */
  | { readonly answer: 'processor time'; readonly microseconds: number }
  | { readonly answer: 'failure'; readonly message: string }

export interface Ports {
  readonly tcp: number
  readonly trefoil: number
  readonly nodeTls: number | null
}

let open: TcpServer[] = []

process.on('message', (question: Ask) => {
  answerTo(question).then(
    (answer) => process.send?.(answer),
    (thrown: unknown) => process.send?.({ answer: 'failure', message: String(thrown) } satisfies Answer),
  )
})
for (const end of ['disconnect', 'SIGTERM']) process.on(end, () => process.exit())
process.on('SIGINT', () => {})

async function answerTo(question: Ask): Promise<Answer> {
  if (question.ask === 'processor time') return { answer: 'processor time', microseconds: processorMicroseconds() }
  for (const server of open) server.close()
  open = []
  const { mode, materials } = question
  const source = derivedSource(materials.psk)
  const ours = createServer(endsOf(mode, nodeProvider, [source, source], materials).server)
  // A client that is gone is none of our business here.
  ours.on('secureConnection', (socket) => socket.resume().on('error', () => {}))
  const tcp = createTcpServer((socket) => socket.resume().on('error', () => {}))
  const node = nodeServer(mode, materials)
  const nodeTls = node === null ? null : await listen(node)
  return { answer: 'ports', ports: { tcp: await listen(tcp), trefoil: await listen(ours), nodeTls } }
}

function nodeServer(mode: Mode, materials: Materials): TcpServer | null {
  try {
    const ends = nodeEndsOf(mode, materials)
    if (ends === null) return null
    return createNodeServer(ends.server, (socket) => socket.resume().on('error', () => {}))
  } catch {
    // It lacks the group, or the signature scheme.
    return null
  }
}

function listen(server: TcpServer): Promise<number> {
  open.push(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
