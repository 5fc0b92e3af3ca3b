// From the documentation of node:https, https.createServer.
import { readFileSync } from 'node:fs'
import { createServer } from 'trefoil/https'

const options = {
  key: readFileSync('server-key.pem'),
  cert: readFileSync('server-cert.pem'),
}

createServer(options, (_req, res) => {
  res.writeHead(200)
  res.end('hello world\n')
}).listen(8000)
