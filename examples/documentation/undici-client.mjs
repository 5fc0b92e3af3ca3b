// From the documentation of undici, "Client: Connector", its basic example.
import { readFileSync } from 'node:fs'
import { buildConnector } from 'trefoil/undici'
import { Client } from 'undici'

const connector = buildConnector({ ca: readFileSync('server-cert.pem') })
const client = new Client('https://localhost:8000', {
  connect(opts, cb) {
    connector(opts, (err, socket) => {
      if (err) {
        cb(err)
      } else if (!socket.authorized) {
        socket.destroy()
        cb(new Error('kaboom'))
      } else {
        cb(null, socket)
      }
    })
  },
})

const { statusCode, body } = await client.request({ path: '/', method: 'GET' })
console.log('statusCode:', statusCode)
console.log(await body.text())
await client.close()
