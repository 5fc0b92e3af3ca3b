/** The web site of `serve --http`: one page, which shows what protects the connection it came over. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PoliteServer } from '../node/http/politeServer.js'
import type { TLSSocket } from '../node/tlsSocket.js'

const IDLE_MILLISECONDS = 60_000

/** Takes over connections. It is Node's HTTP server, over our sockets. */
export function protectionSite(): (socket: TLSSocket) => void {
  // HTTP/1.0 clients may ask again on the same connection, which the parser forbids unless it is lenient; there are no
  // bodies and no proxies here that leniency could confuse.
  const site = new PoliteServer({ keepAliveTimeout: IDLE_MILLISECONDS, insecureHTTPParser: true }, answer)
  // It never listens, but its time-outs for slow requests begin to count where it says it does.
  site.emit('listening')
  return (socket) => site.emit('connection', socket)
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.connection?.toLowerCase() !== 'close') response.shouldKeepAlive = true
  const allowed = request.method === 'GET' || request.method === 'HEAD'
  const body = Buffer.from(allowed ? page(request.socket as unknown as TLSSocket) : 'Only GET and HEAD.\n')
  response.writeHead(allowed ? 200 : 405, {
    'content-type': `${allowed ? 'text/html' : 'text/plain'}; charset=utf-8`,
    'content-length': body.length,
    ...(!allowed && { allow: 'GET, HEAD' }),
  })
  response.end(body)
}

function page(socket: TLSSocket): string {
  const protection = JSON.stringify(socket.protection, null, 2)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Trefoil</title>
<h1>What protects this connection</h1>
<pre>${escapeHtml(protection)}</pre>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
