/** `trefoil tunnel` at both ends, each a process, before a plain service in this one. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect } from 'vitest'
import { parseOpenMetrics, type Sample, sample } from '../node/metrics/openMetrics.js'
import { atEndOfFile } from '../support/endOfFile.js'
import { type Line, Running } from './command.js'

const cleanUps: (() => void)[] = []
atEndOfFile(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

export interface End {
  readonly command: Running
  readonly port: number
  scrape(): Promise<Sample[]>
  /** Polls until the sample has the value. */
  metric(name: string, labels: Sample['labels'], value: number): Promise<void>
  /** What /readyz answers: status and text. */
  ready(): Promise<[number, string]>
  /** Polls until so many lines have this event and these members. */
  lines(fits: object, count?: number): Promise<Line[]>
}

export async function startEnd(role: 'client' | 'server', to: string, ...options: string[]): Promise<End> {
  const fixed = ['--listen', '127.0.0.1:0', '--to', to, '--metrics', '127.0.0.1:0', '--json']
  const command = new Running(['tunnel', role, ...fixed, ...options])
  const { port } = await command.event('listening')
  const { port: metricsPort } = await command.event('metrics')
  const ask = (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`)
  const scrape = async () => parseOpenMetrics(await (await ask('/metrics')).text())
  const fitting = (fits: object) =>
    command.events().filter((line) => Object.entries(fits).every(([name, value]) => line[name] === value))
  return {
    command,
    port: port as number,
    scrape,
    async metric(name, labels, value) {
      await expect.poll(async () => sample(await scrape(), name, labels)?.value).toBe(value)
    },
    async ready() {
      const answer = await ask('/readyz')
      return [answer.status, await answer.text()]
    },
    async lines(fits, count = 1) {
      await expect.poll(() => fitting(fits).length, { message: command.stdout }).toBe(count)
      return fitting(fits)
    },
  }
}

export async function echoService(): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    cleanUps.push(() => socket.destroy())
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

export function dialTunnel(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  cleanUps.push(() => socket.destroy())
  return socket
}

/** What comes back when `data` is sent and ended; rejects where the connection is broken off. */
export async function exchange(port: number, data: Buffer | string): Promise<Buffer> {
  const socket = dialTunnel(port)
  socket.end(data)
  return rest(socket)
}

/** All that is still to come. */
export async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((resolve, reject) => {
    socket.once('end', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('broken off')))
  })
  return Buffer.concat(chunks)
}
