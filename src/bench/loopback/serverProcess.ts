/** The servers of a mode as a process of their own, so that their processor time can be told from the client's. */
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { createServer as createNodeServer } from 'node:tls'
import { nodeProvider } from '../../crypto/index.js'
import { createServer } from '../../node/server.js'
import { answerQuestions } from '../../processes/questions.js'
import { endsOf, nodeEndsOf } from '../handshakes/ends.js'
import { derivedSource } from '../handshakes/keySources.js'
import type { Materials } from '../handshakes/materials.js'
import type { Mode } from '../handshakes/modes.js'
import { processorMicroseconds } from '../rounds.js'

export type ServerQuestions = {
  /** The servers of this mode, in place of those before. */
  readonly serve: { readonly ask: { readonly mode: Mode; readonly materials: Materials }; readonly answer: Ports }
  /** Microseconds since the start of the process. */
  readonly processorTime: { readonly ask: null; readonly answer: number }
}

/** On 127.0.0.1; null where the running Node has no such server. */
export interface Ports {
  readonly tcp: number
  readonly trefoil: number
  readonly nodeTls: number | null
}

let open: TcpServer[] = []

answerQuestions<ServerQuestions>({
  async serve({ mode, materials }) {
    for (const server of open) server.close()
    open = []
    const source = derivedSource(materials.psk)
    const ours = createServer(endsOf(mode, nodeProvider, [source, source], materials).server)
    // A client that is gone is none of our business here.
    ours.on('secureConnection', (socket) => socket.resume().on('error', () => {}))
    const tcp = createTcpServer((socket) => socket.resume().on('error', () => {}))
    const node = nodeServer(mode, materials)
    const nodeTls = node === null ? null : await listen(node)
    return { tcp: await listen(tcp), trefoil: await listen(ours), nodeTls }
  },
  processorTime: () => processorMicroseconds(),
})

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
