/**
 * `trefoil/https`: the names of node:https, over Trefoil.
 *
 * - {@link createServer}, {@link Server}: http.Server behind the handshake; frameworks take it as they take https.Server.
 * - {@link request}, {@link get}, {@link Agent}, {@link globalAgent}: clients, with connections pooled and sessions resumed.
 */
export { Agent, type AgentOptions } from './agent.js'
export {
  createServer,
  type HttpsServerOptions,
  type HttpsServerOptions as ServerOptions,
  Server,
} from './httpsServer.js'
export { get, globalAgent, type RequestOptions, request } from './requests.js'
export type { TlsServing } from './serveOverTls.js'
