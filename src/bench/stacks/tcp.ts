/** Both ends of plain TCP. */
import { connect, createServer as createTcpServer } from 'node:net'
import { LOOPBACK, opened, type StackEnds } from './end.js'

export const createServer: StackEnds['createServer'] = (_settings, onConnection) =>
  createTcpServer({ noDelay: true }, onConnection)

export const connector: StackEnds['connector'] = (_settings, port) => () =>
  opened(connect({ host: LOOPBACK, port, noDelay: true }), 'connect')
