import { once } from 'node:events'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { connect, type TLSSocket, TrefoilError } from '../../../src/index.js'
import { createSecureServer } from '../../../src/node/http/http2.js'
import { createServer as createHttpsServer } from '../../../src/node/http/https.js'
import { collectMetrics, METRICS, Metrics, serveMetrics } from '../../../src/node/metrics/index.js'
import { authority, ca, failure, listen, qkdPair, readAll, secured, serverIdentity } from '../fixtures.js'
import { start } from '../http/support.js'
import { dial, echo, tunnelTo, turnedAway } from '../tunnel/tunnels.js'
import { parseOpenMetrics, sample } from './openMetrics.js'

const scrape = async ({ registry }: Metrics) => parseOpenMetrics(await registry.metrics())

describe('metrics of a server', () => {
  it('count handshakes by mode, group and outcome, octets, and open and closed connections', async () => {
    const { server, port } = await listen(serverIdentity, (socket: TLSSocket) => socket.pipe(socket))
    const metrics = collectMetrics(server)
    const client = await secured(connect({ host: '127.0.0.1', port, ca }))
    await failure(connect({ host: '127.0.0.1', port, ca: authority().certificatePem }))
    await expect
      .poll(async () => sample(await scrape(metrics), 'trefoil_handshakes_total', { outcome: 'ERR_ALERT_RECEIVED' }))
      .toMatchObject({ labels: { role: 'server', mode: 'unknown', group: 'unknown' }, value: 1 })
    client.write('ping')
    await once(client, 'data')
    const open = await scrape(metrics)
    expect(sample(open, 'trefoil_handshakes_total', { outcome: 'ok' })).toEqual({
      name: 'trefoil_handshakes_total',
      labels: {
        role: 'server',
        mode: 'certificate',
        psk: 'no',
        qkd: 'no',
        group: 'X25519MLKEM768',
        resumed: 'no',
        outcome: 'ok',
      },
      value: 1,
    })
    expect(sample(open, 'trefoil_open_connections')?.value).toBe(1)
    const received = sample(open, 'trefoil_octets_total', { direction: 'received' })?.value
    expect(received).toBeGreaterThan(1000)
    client.end()
    await readAll(client)
    await expect.poll(async () => sample(await scrape(metrics), 'trefoil_open_connections')?.value).toBe(0)
    const closed = await scrape(metrics)
    expect(sample(closed, 'trefoil_connections_closed_total', { outcome: 'ok' })?.value).toBe(1)
    expect(sample(closed, 'trefoil_octets_total', { direction: 'received' })?.value).toBeGreaterThan(received as number)
  })
})

it('metrics of servers of HTTP/1.1 and HTTP/2 are the same', async () => {
  const metrics = new Metrics()
  for (const server of [createHttpsServer(serverIdentity), createSecureServer(serverIdentity)]) {
    metrics.observeServer(server)
    const { port } = await start(server)
    const client = await secured(connect({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2', 'http/1.1'] }))
    client.on('error', () => {}).destroy()
    await failure(connect({ host: '127.0.0.1', port, ca: authority().certificatePem }))
  }
  const handshakes = async (outcome: string) =>
    sample(await scrape(metrics), 'trefoil_handshakes_total', { outcome })?.value
  await expect.poll(() => handshakes('ok')).toBe(2)
  await expect.poll(() => handshakes('ERR_ALERT_RECEIVED')).toBe(2)
})

describe('metrics of a tunnel and its key source', () => {
  it('count both ends in registries of their own, with calls, bits, supply, limits and octets of the service', async () => {
    const [atServer, atClient] = [new Metrics(), new Metrics()]
    const qkd = qkdPair(20)
    const source = { server: qkd.server.source, client: qkd.client.source }
    const observed = atClient.observeKeySource(source.client, ['sae-server'])
    const { port, server, client } = await tunnelTo((await echo()).port, {
      server: {
        maxConnections: 1,
        tls: { ...serverIdentity, qkd: { ...qkd.server, source: atServer.observeKeySource(source.server) } },
      },
      client: { tls: { ca, qkd: { ...qkd.client, source: observed } } },
    })
    atServer.observeTunnel(server.tunnel)
    atClient.observeTunnel(client.tunnel)
    const socket = await dial(port)
    socket.write('12345')
    await once(socket, 'data')
    await turnedAway(port)
    const [there, here] = [await scrape(atServer), await scrape(atClient)]
    for (const [role, samples, operation] of [
      ['server', there, 'get_key_with_id'],
      ['client', here, 'get_key'],
    ] as const) {
      expect(sample(samples, 'trefoil_handshakes_total', { outcome: 'ok' })).toMatchObject({
        labels: { role, mode: 'certificate', qkd: 'yes', psk: 'no' },
        value: 1,
      })
      expect(sample(samples, 'trefoil_key_source_calls_total', { operation, outcome: 'ok' })?.value).toBeGreaterThan(0)
      expect(sample(samples, 'trefoil_key_source_duration_seconds_count', { operation })?.value).toBeGreaterThan(0)
      expect(sample(samples, 'trefoil_handshake_duration_seconds_count', { role })?.value).toBe(1)
      for (const direction of ['sent', 'received']) {
        expect(sample(samples, 'trefoil_octets_total', { direction })?.value).toBe(5)
      }
    }
    expect(sample(there, 'trefoil_qkd_bits_total', { operation: 'get_key_with_id' })?.value).toBe(256)
    expect(sample(there, 'trefoil_connections_refused_total')).toMatchObject({
      labels: { outcome: 'ERR_TOO_MANY_CONNECTIONS' },
      value: 1,
    })
    expect(sample(here, 'trefoil_key_source_up')?.value).toBe(1)
    expect(sample(here, 'trefoil_key_source_stored_keys', { peer_sae_id: 'sae-server' })?.value).toBeGreaterThan(0)
    expect(sample(there, 'trefoil_key_source_up')).toBeUndefined()
    observed.unobserve()
    expect(sample(await scrape(atClient), 'trefoil_key_source_up')).toBeUndefined()
  })

  it('count what a key source refuses by its code, and hand the refusal on', async () => {
    const metrics = new Metrics()
    const error = new TrefoilError('ERR_QKD_EXHAUSTED', 'there are no keys')
    const refuse = () => Promise.reject(error)
    const source = metrics.observeKeySource({ name: 'dry', getKey: refuse, getKeyWithId: refuse, status: refuse }, [
      'b',
    ])
    await expect(source.getKey('b')).rejects.toBe(error)
    expect(source.name).toBe('dry')
    expect(source.deliveryLink).toBeNull()
    const samples = await scrape(metrics)
    expect(
      sample(samples, 'trefoil_key_source_calls_total', { operation: 'get_key', outcome: 'ERR_QKD_EXHAUSTED' })?.value,
    ).toBe(1)
    expect(sample(samples, 'trefoil_key_source_up')?.value).toBe(0)
    expect(await metrics.supply()).toMatchObject([{ error: { code: 'ERR_QKD_EXHAUSTED' } }])
    // However often somebody looks, the source is asked seldom.
    await scrape(metrics)
    expect(sample(await scrape(metrics), 'trefoil_key_source_calls_total', { operation: 'status' })?.value).toBe(1)
  })
})

describe('a set of metrics', () => {
  it('tells when the first certificate of a file expires, and how reloads went', async () => {
    const metrics = new Metrics()
    metrics.observeCertificates('own', serverIdentity.cert)
    metrics.countReload('failure')
    const samples = await scrape(metrics)
    const expiry = sample(samples, 'trefoil_certificate_expiry_timestamp_seconds', { certificate: 'own' })?.value
    expect(expiry).toBeGreaterThan(Date.now() / 1000)
    expect(sample(samples, 'trefoil_reloads_total', { outcome: 'failure' })?.value).toBe(1)
    expect(sample(samples, 'trefoil_reloads_total', { outcome: 'success' })?.value).toBe(0)
    expect(() => metrics.observeCertificates('own', 'nothing')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    )
  })

  it('joins the metrics of an application in its registry, in either format, once', async () => {
    const registry = new Registry()
    const metrics = new Metrics(registry)
    const text = await metrics.registry.metrics()
    for (const { name } of Object.values(METRICS)) expect(text).toContain(`# TYPE ${name} `)
    expect(() => new Metrics(registry)).toThrow('already been registered')
  })
})

describe('the endpoint for scrapers', () => {
  it('answers GET and HEAD for metrics, health and readiness, and nothing else', async () => {
    const { registry } = new Metrics()
    let reasons = ['it does not accept connections']
    const endpoint = await serveMetrics({ host: '127.0.0.1', port: 0 }, { registry, reasonsNotReady: () => reasons })
    const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${endpoint.port}${path}`, { method })
    const metrics = await ask('/metrics?x=1')
    expect(metrics.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(parseOpenMetrics(await metrics.text()).length).toBeGreaterThan(0)
    expect([(await ask('/healthz')).status, (await ask('/healthz', 'HEAD')).status]).toEqual([200, 200])
    const unready = await ask('/readyz')
    expect([unready.status, await unready.text()]).toEqual([503, 'it does not accept connections\n'])
    reasons = []
    expect((await ask('/readyz')).status).toBe(200)
    expect([(await ask('/')).status, (await ask('/metrics', 'POST')).status]).toEqual([404, 405])
    await expect(
      serveMetrics({ host: '127.0.0.1', port: endpoint.port }, { registry, reasonsNotReady: () => [] }),
    ).rejects.toMatchObject({ code: 'ERR_TRANSPORT' })
    await endpoint.close()
  })
})
