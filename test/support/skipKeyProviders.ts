/**
 * Two key providers that share keys and speak SKIP, one for each end: GET /capabilities, /key and /key/{keyId} over
 * HTTPS with mutual TLS. A key waits at the other provider, for the one encryptor it was made for, and is taken once.
 */
import { randomBytes } from 'node:crypto'
import { type CannedReply, type RunningServer, type SeenRequest, startHttpsServer } from './httpsServer.js'

export const systemA = 'KP_Alice'
export const systemB = 'KP_Bob/2 & more'

export interface SkipProviders {
  readonly a: RunningServer
  readonly b: RunningServer
  close(): Promise<void>
}

export async function startSkipKeyProviders(): Promise<SkipProviders> {
  // Keys that wait, by the system that may fetch them and the one that made them.
  const waiting = new Map<string, string>()
  const a = await startHttpsServer((request) => answer(request, systemA, systemB, waiting))
  const b = await startHttpsServer((request) => answer(request, systemB, systemA, waiting))
  return {
    a,
    b,
    async close() {
      await Promise.all([a.close(), b.close()])
    },
  }
}

function answer(request: SeenRequest, local: string, remote: string, waiting: Map<string, string>): CannedReply {
  if (request.method !== 'GET') return { status: 405, headers: { allow: 'GET' } }
  const url = new URL(request.target, 'https://key-provider')
  if (url.pathname === '/capabilities') {
    const said = { entropy: true, key: true, algorithm: 'QKD', localSystemID: local, remoteSystemID: [remote] }
    return { body: said }
  }
  const match = /^\/key(?:\/([^/]+))?$/.exec(url.pathname)
  if (match === null) return { status: 404 }
  if (url.searchParams.get('remoteSystemID') !== remote) return { status: 400 }
  if (match[1] === undefined) {
    const bits = Number(url.searchParams.get('size') ?? 256)
    if (![128, 192, 256].includes(bits)) return { status: 400 }
    const keyId = randomBytes(16).toString('hex')
    const key = randomBytes(bits / 8).toString('hex')
    waiting.set(JSON.stringify([remote, local, keyId]), key)
    return { body: { keyId, key } }
  }
  const name = JSON.stringify([local, remote, decodeURIComponent(match[1]).toLowerCase()])
  const key = waiting.get(name)
  if (key === undefined) return { status: 400 }
  waiting.delete(name)
  return { body: { keyId: decodeURIComponent(match[1]), key: key.toUpperCase() } }
}
