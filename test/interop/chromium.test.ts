/** A browser as it comes: post-quantum in its key exchange, classical in the certificates that it accepts. */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Protection, TLSSocket } from '../../src/index.js'
import { createSecureServer } from '../../src/node/http/http2.js'
import { file, isBuilt, notBuilt, Running } from '../cli/command.js'
import { type Browser, CHROMIUM, startChromium } from '../support/chromium.js'
import { identity } from './identities.js'

const missing = CHROMIUM === null && process.env['CI'] === undefined
const reason = missing ? ' (skipped: there is no chromium)' : ''

describe.skipIf(missing)(`Chromium${reason}`, () => {
  let browser: Browser
  const { cert, key } = identity('ecdsa-p256')

  beforeAll(async () => {
    if (CHROMIUM === null) throw new Error('chromium is not installed: scripts/install-debian-packages.mjs')
    // It accepts this key with no authority behind it, and nothing else that it would not accept otherwise.
    const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
    const pin = createHash('sha256').update(spki).digest('base64')
    browser = await startChromium(CHROMIUM, [`--ignore-certificate-errors-spki-list=${pin}`])
  })
  afterAll(() => browser?.close())

  it.skipIf(!isBuilt)(`loads the page of serve --http over X25519MLKEM768${notBuilt}`, async () => {
    const own = ['--cert', file('browser.pem', cert), '--key', file('browser.key', key), '--allow-classical']
    const serving = new Running(['serve', '--listen', '127.0.0.1:0', '--http', '--json', ...own])
    const { port } = await serving.event('listening')
    const page = await browser.visit(`https://localhost:${port}/`)
    const protection: Protection = JSON.parse(await page.evaluate("document.querySelector('pre').textContent"))
    expect(protection.keyExchange).toEqual({ group: 'X25519MLKEM768', x25519: true, mlkem: 'ML-KEM-768' })
    expect(protection.authentication).toMatchObject({ local: 'certificate', localScheme: 'ecdsa_secp256r1_sha256' })
    expect(page.security).toMatchObject({ protocol: 'TLS 1.3', keyExchangeGroup: 'X25519MLKEM768' })
    serving.child.kill()
    await serving.exit
  })

  it('speaks HTTP/2 with trefoil/http2, large bodies both ways', async () => {
    const server = createSecureServer({ cert, key, allowHTTP1: true, policy: { allowClassicalAuthentication: true } })
    const sockets = new Set<TLSSocket>()
    server.on('secureConnection', (socket: TLSSocket) => sockets.add(socket))
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'text/html')
      request.pipe(response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const page = await browser.visit(`https://localhost:${(server.address() as AddressInfo).port}/`)
    const size = 2 * 1024 * 1024
    const echoed = `fetch('/', { method: 'POST', body: 'x'.repeat(${size}) }).then((response) => response.text())`
    expect(await page.evaluate(`${echoed}.then((text) => text.length)`)).toBe(size)
    expect(await page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")).toBe('h2')
    expect([...sockets].map((socket) => socket.protection?.keyExchange.group)).toContain('X25519MLKEM768')
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})
