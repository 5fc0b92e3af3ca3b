import { describe, expect, it } from 'vitest'
import { formatHostPort, parseHostPort } from '../../src/cli/hostPort.js'

describe('HOST:PORT', () => {
  it.each([
    ['localhost:443', 'localhost', 443],
    ['10.0.0.1:0', '10.0.0.1', 0],
    ['[::1]:8443', '::1', 8443],
    [':8443', '127.0.0.1', 8443],
  ])('%s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port })
  })

  it.each(['localhost', 'localhost:', 'localhost:65536', '::1:443', '[::1]', 'a:b:1', 'host:-1', 'host:1e3', '[]:1'])(
    'is not %s',
    (text) => {
      expect(() => parseHostPort(text)).toThrow(/HOST:PORT is needed/)
    },
  )

  it('is written so that it can be read again', () => {
    for (const text of ['localhost:443', '[::1]:8443']) expect(formatHostPort(parseHostPort(text))).toBe(text)
  })
})
