/** The client of a scenario: makes its connections one after the other, and says its lines. */
import { once } from 'node:events'
import { toHex, wipe } from '../../bytes.js'
import { connect } from '../../node/connect.js'
import type { ConnectionOptions } from '../../node/options.js'
import { parseSession } from '../../node/psk/index.js'
import type { TLSSocket } from '../../node/tlsSocket.js'
import { expectLine, factsOf, KeyLog, linesOf } from './conversation.js'
import type { ConnectionFacts, KeptSession } from './facts.js'
import type { ConnectionScript, Script } from './script.js'

/** Rejects with what Trefoil says when a connection fails. */
export async function playClient(script: Script, options: ConnectionOptions): Promise<ConnectionFacts[]> {
  const facts: ConnectionFacts[] = []
  let session: Buffer | null = null
  for (const connection of script.connections) {
    const resumed: { session: Buffer } | null = connection.resumes && session !== null ? { session } : null
    const played = await playConnection(connection, { ...options, ...resumed })
    facts.push(played.facts)
    session = played.firstSession ?? session
  }
  return facts
}

async function playConnection(script: ConnectionScript, options: ConnectionOptions) {
  const socket = connect(options)
  const keyLog = new KeyLog()
  const sessions: Buffer[] = []
  socket.on('keylog', keyLog.onKeylog)
  socket.on('session', (session: Buffer) => sessions.push(session))
  try {
    await once(socket, 'secureConnect')
    const lines = linesOf(socket)
    for (const { request, response, keyUpdate } of script.exchanges) {
      if (keyUpdate) socket.requestKeyUpdate({ peer: true })
      socket.write(`${request}\n`)
      await expectLine(lines, response)
    }
    if (script.awaitsTicket && sessions.length === 0) await once(socket, 'session')
    const facts = factsOf(script.name, socket, keyLog, sessions.map(keptSession))
    socket.end()
    await ended(socket)
    return { facts, firstSession: sessions[0] ?? null }
  } finally {
    socket.destroy()
  }
}

async function ended(socket: TLSSocket): Promise<void> {
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
}

function keptSession(octets: Buffer): KeptSession {
  const { ticket, psk, hash } = parseSession(octets)
  const kept = {
    ticket: toHex(ticket),
    resumptionPsk: toHex(psk),
    hash: hash === 'SHA-256' ? 'sha256' : 'sha384',
  } as const
  wipe(psk)
  return kept
}
