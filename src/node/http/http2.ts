/**
 * `trefoil/http2`: node:http2 with two of its functions over Trefoil, {@link connect} and {@link createSecureServer}.
 */
export * from 'node:http2'
export { connect, type SecureClientSessionOptions } from './http2Client.js'
export {
  createSecureServer,
  type Http2RequestListener,
  type Http2SecureServer,
  type SecureServerOptions,
} from './http2Server.js'
export type { TlsServing } from './serveOverTls.js'
