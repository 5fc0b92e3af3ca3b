// From the documentation of ws, "External HTTP/S server".
import { readFileSync } from 'node:fs'
import { createServer } from 'trefoil/https'
import { WebSocketServer } from 'ws'

const server = createServer({
  cert: readFileSync('server-cert.pem'),
  key: readFileSync('server-key.pem'),
})
const wss = new WebSocketServer({ server })

wss.on('connection', function connection(ws) {
  ws.on('error', console.error)

  ws.on('message', function message(data) {
    console.log('received: %s', data)
  })

  ws.send('something')
})

server.listen(8080)
