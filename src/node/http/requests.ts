/** `request` and `get` of node:https, over Trefoil. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { type RequestOptions as HttpsRequestOptions, request as httpsRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import type { ConnectionOptions } from '../options.js'
import { Agent } from './agent.js'

/** Options of https.request, with those of `connect` in place of node:tls's. */
export type RequestOptions = Omit<HttpsRequestOptions, keyof ConnectionOptions> &
  Omit<ConnectionOptions, 'socket' | 'path'> & {
    /** That of the URL. */
    readonly path?: string | null | undefined
  }

type ResponseListener = (response: IncomingMessage) => void

/** For requests that name no agent: keeps connections alive for five seconds, as https.globalAgent does. */
export const globalAgent: Agent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 })

/** As https.request. Errors of the connection come as the request's `error` event, a TrefoilError each. */
export function request(options: RequestOptions | string | URL, listener?: ResponseListener): ClientRequest
export function request(url: string | URL, options: RequestOptions, listener?: ResponseListener): ClientRequest
export function request(...args: unknown[]): ClientRequest {
  const { options, listener } = readArguments(args)
  return httpsRequest({ ...options, agent: chooseAgent(options) } as HttpsRequestOptions, listener)
}

/** As https.get: a request without a body, sent at once. */
export function get(options: RequestOptions | string | URL, listener?: ResponseListener): ClientRequest
export function get(url: string | URL, options: RequestOptions, listener?: ResponseListener): ClientRequest
export function get(...args: unknown[]): ClientRequest {
  return (request as (...args: unknown[]) => ClientRequest)(...args).end()
}

function readArguments(args: unknown[]): { options: RequestOptions; listener: ResponseListener | undefined } {
  const [first, ...rest] = args
  const url = typeof first === 'string' || first instanceof URL ? urlToHttpOptions(new URL(first)) : null
  const listener = args.find((arg) => typeof arg === 'function') as ResponseListener | undefined
  const given = (url === null ? first : rest[0]) as RequestOptions | undefined
  return { options: { ...url, ...(typeof given === 'object' && given) } as RequestOptions, listener }
}

/** As node:http: none is the global one, `false` is one for this request alone. */
function chooseAgent({ agent, createConnection }: RequestOptions): HttpsRequestOptions['agent'] {
  if (agent === false) return new Agent()
  if (agent) return agent
  return createConnection === undefined ? globalAgent : undefined
}
