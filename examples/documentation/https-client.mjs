// From the documentation of node:https, https.request with an Agent of its own.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Agent, request } from 'trefoil/https'

const options = {
  hostname: 'localhost',
  port: 8000,
  path: '/',
  method: 'GET',
  ca: readFileSync('server-cert.pem'),
}
options.agent = new Agent(options)

const req = request(options, (res) => {
  console.log('statusCode:', res.statusCode)

  res.on('data', (d) => {
    process.stdout.write(d)
  })
})

req.on('error', (e) => {
  console.error(e)
})
req.end()
