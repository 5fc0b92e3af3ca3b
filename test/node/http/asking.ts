/** Requests over an Agent of Trefoil, and what came of them. */
import type * as http from 'node:http'
import { Agent, type TLSSocket } from '../../../src/index.js'
import { type AgentOptions, type RequestOptions, request } from '../../../src/node/http/https.js'
import { readAll } from '../fixtures.js'
import { atEnd } from './support.js'

export function agentWith(options: AgentOptions): Agent {
  const agent = new Agent(options)
  atEnd(() => agent.destroy())
  return agent
}

export interface Answer {
  readonly response: http.IncomingMessage
  readonly body: Buffer
  readonly socket: TLSSocket
}

export function ask(options: RequestOptions, body?: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: 'localhost', ...options }, (response) => {
      const socket = response.socket as unknown as TLSSocket
      readAll(response).then((octets) => resolve({ response, body: octets, socket }), reject)
    })
    asked.on('error', reject).end(body)
  })
}

export function hello(_: http.IncomingMessage, response: http.ServerResponse): void {
  response.end('hello')
}
