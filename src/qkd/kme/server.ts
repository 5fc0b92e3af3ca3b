/** The key manager's HTTPS: mutual TLS, bounded requests, and answers as the fault of the hour has them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { concat, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { type CertificateNameKind, certificateNames } from '../certificateNames.js'
import { MAX_BODY_LENGTH, toBase64, type WireKey } from '../etsi014/wire.js'
import { type MutualTlsCredentials, mutualTls } from '../tlsOptions.js'
import { type Answer, RequestRefused } from './answer.js'
import type { Api, Caller } from './api.js'
import type { Faults } from './faults.js'

export interface KeyManagerServerOptions {
  readonly api: Api
  readonly faults: Faults
  readonly tls: MutualTlsCredentials
  readonly saeIdentity: CertificateNameKind
}

export class KeyManagerServer {
  readonly #options: KeyManagerServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: KeyManagerServerOptions) {
    this.#options = options
    this.#server = createServer(
      {
        ...mutualTls(options.tls),
        requestCert: true,
        rejectUnauthorized: true,
        requestTimeout: 10_000,
        keepAliveTimeout: 60_000,
      },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.on('connection', (socket: Socket) => this.#track(socket))
  }

  /** @throws TrefoilError ERR_TRANSPORT when the address is taken or not ours; ERR_INVALID_STATE on a second call */
  async listen(port: number, host: string): Promise<{ url: string }> {
    if (this.#server.listening) throw new TrefoilError('ERR_INVALID_STATE', 'the key manager is listening already')
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    }).catch((cause: unknown) => {
      throw new TrefoilError('ERR_TRANSPORT', `the key manager cannot listen on ${host}:${port}`, { cause })
    })
    const name = host.includes(':') ? `[${host}]` : host
    return { url: `https://${name}:${(this.#server.address() as AddressInfo).port}` }
  }

  /** Cuts every connection there is. */
  disconnectAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.disconnectAll()
    await closed
  }

  #track(socket: Socket): void {
    if (this.#options.faults.current === 'down') {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { api, faults } = this.#options
    // A requester that goes away takes its reply with it.
    response.on('error', () => undefined)
    let answer: Answer
    try {
      const body = await readBody(request)
      answer = await api.answer(
        { method: request.method ?? '', target: request.url ?? '', body },
        this.#callerOf(request.socket as TLSSocket),
      )
      wipe(body)
    } catch (error) {
      if (!(error instanceof RequestRefused)) {
        request.destroy()
        return
      }
      answer = error.answer
      response.setHeader('connection', 'close')
    }
    const payload = this.#encode(answer)
    await faults.reply()
    if (faults.current === 'down') request.destroy()
    else this.#send(response, answer, payload)
  }

  #callerOf(socket: TLSSocket): Caller {
    // rejectUnauthorized has seen to this; the whole interface hangs on it, so it is asked again.
    if (!socket.authorized) return { saeNames: [], kmeNames: [] }
    const certificate = socket.getPeerCertificate()
    return {
      saeNames: certificateNames(certificate, this.#options.saeIdentity),
      kmeNames: certificateNames(certificate, 'common-name'),
    }
  }

  #encode(answer: Answer): Uint8Array {
    if (!('keys' in answer)) return Buffer.from(answer.body === null ? '' : JSON.stringify(answer.body))
    const sent = this.#options.faults.distort(answer.keys)
    const keys: WireKey[] = sent.map(({ keyId, key }) => ({ key_ID: keyId, key: toBase64(key) }))
    for (const { key } of [...sent, ...answer.keys]) wipe(key)
    return Buffer.from(JSON.stringify({ keys }))
  }

  #send(response: ServerResponse, answer: Answer, payload: Uint8Array): void {
    response.statusCode = 'keys' in answer ? 200 : answer.status
    if (!('keys' in answer) && answer.allow !== undefined) response.setHeader('allow', answer.allow)
    if (payload.length > 0) response.setHeader('content-type', 'application/json')
    response.setHeader('cache-control', 'no-store')
    response.setHeader('content-length', payload.length)
    if (this.#options.faults.current === 'half-answered') {
      response.write(payload.subarray(0, payload.length / 2), () => response.destroy())
    } else {
      response.end(payload, () => wipe(payload))
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_BODY_LENGTH) throw new RequestRefused(413, `the body is longer than ${MAX_BODY_LENGTH} bytes`)
    chunks.push(chunk)
  }
  return concat(...chunks)
}
