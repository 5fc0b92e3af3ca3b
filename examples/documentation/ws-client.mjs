// From the documentation of ws, "Sending and receiving text data", with an agent as in its section on proxies.
import { readFileSync } from 'node:fs'
import { Agent } from 'trefoil/https'
import WebSocket from 'ws'

const agent = new Agent({ ca: readFileSync('server-cert.pem') })
const ws = new WebSocket('wss://localhost:8080/path', { agent })

ws.on('error', console.error)

ws.on('open', function open() {
  ws.send('something')
})

ws.on('message', function message(data) {
  console.log('received: %s', data)
  ws.close()
})
