import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.js'
import { checkServerName, matchesDnsName, parseCertificate } from '../../src/pki/index.js'
import { formatIp, parseIp } from '../../src/pki/ip.js'
import { refusal } from '../support/refusal.js'
import * as make from './craft.js'

describe('dNSName entries (RFC 9525 6.3)', () => {
  it.each([
    ['example.com', 'example.com', true],
    ['EXAMPLE.com', 'example.com', true],
    ['example.com', 'example.org', false],
    ['example.com', 'www.example.com', false],
    ['www.example.com', 'example.com', false],
    ['localhost', 'localhost', true],
    ['*.example.com', 'www.example.com', true],
    ['*.example.com', 'xn--mnchen-3ya.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', '.example.com', false],
    ['w*.example.com', 'www.example.com', false],
    ['*w.example.com', 'www.example.com', false],
    ['www.*.com', 'www.example.com', false],
    ['*.*.com', 'www.example.com', false],
    ['*.com', 'example.com', false],
    ['*', 'localhost', false],
    ['*', 'example.com', false],
    ['', '', false],
    ['example.com.', 'example.com', false],
    ['ex ample.com', 'ex ample.com', false],
    ['-a.example.com', '-a.example.com', false],
    ['a..com', 'a..com', false],
    ['my_host.example.com', 'my_host.example.com', true],
  ])('%j stands for %j: %s', (pattern, host, expected) => {
    expect(matchesDnsName(pattern, host)).toBe(expected)
  })
})

describe('the name that the caller asks for', () => {
  const names = ['example.com', '*.wild.example.com', '10.0.0.1', 'xn--mnchen-3ya.de']
  const addresses = [fromHex('7f000001'), fromHex(`${'00'.repeat(15)}01`)]
  const { der } = make.craft({ subject: 'cn.example.com', extensions: [make.altNames(...names, ...addresses)] })
  const certificate = parseCertificate(der)

  it.each([
    ['example.com', null],
    ['EXAMPLE.COM', null],
    ['example.com.', null],
    ['a.wild.example.com', null],
    ['wild.example.com', 'ERR_CERTIFICATE_NAME_MISMATCH'],
    ['münchen.de', null],
    ['cn.example.com', 'ERR_CERTIFICATE_NAME_MISMATCH'],
    ['127.0.0.1', null],
    ['::1', null],
    ['[::1]', null],
    ['0:0:0:0:0:0:0:1', null],
    ['127.0.0.2', 'ERR_CERTIFICATE_NAME_MISMATCH'],
    // An address is never sought among dNSName entries (RFC 9525 6.2.1).
    ['10.0.0.1', 'ERR_CERTIFICATE_NAME_MISMATCH'],
    ['', 'ERR_INVALID_OPTION'],
    ['.', 'ERR_INVALID_OPTION'],
    ['*.wild.example.com', 'ERR_INVALID_OPTION'],
    ['exa mple.com', 'ERR_INVALID_OPTION'],
    ['example.com\0.evil.org', 'ERR_INVALID_OPTION'],
    ['münchen.de/x', 'ERR_INVALID_OPTION'],
    ['a'.repeat(64), 'ERR_INVALID_OPTION'],
  ])('%j: %s', (serverName, code) => {
    expect(refusal(() => checkServerName(certificate, serverName))).toBe(code)
  })

  it('the refusal says for whom the certificate is, and a few names suffice', () => {
    expect(() => checkServerName(certificate, 'other.org')).toThrow(/not for other\.org but for DNS:example\.com/)
    const many = make.craft({ extensions: [make.altNames(...Array.from({ length: 20 }, (_, i) => `h${i}.org`))] })
    expect(() => checkServerName(parseCertificate(many.der), 'other.org')).toThrow(/DNS:h7\.org, and 12 more$/)
  })
})

describe('IP addresses', () => {
  it.each([
    ['127.0.0.1', '7f000001', '127.0.0.1'],
    ['255.255.255.255', 'ffffffff', '255.255.255.255'],
    ['::', '00'.repeat(16), '::'],
    ['::1', `${'00'.repeat(15)}01`, '::1'],
    ['2001:DB8::1', `20010db8${'00'.repeat(11)}01`, '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '20010db8000000010000000000000001', '2001:db8:0:1::1'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
    ['1:0:3:4:5:6:7:8', '00010000000300040005000600070008', '1:0:3:4:5:6:7:8'],
    ['::ffff:10.0.0.1', `${'00'.repeat(10)}ffff0a000001`, '::ffff:a00:1'],
    ['1::', `0001${'00'.repeat(14)}`, '1::'],
  ])('%s is %s and written %s (RFC 5952 4)', (text, octets, written) => {
    expect(toHex(parseIp(text) ?? new Uint8Array())).toBe(octets)
    expect(formatIp(fromHex(octets))).toBe(written)
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '0x1.2.3.4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '::1.2.3',
    '1.2.3.4::',
    'fe80::1%eth0',
    '[::1]',
  ])('%j is none', (text) => {
    expect(parseIp(text)).toBeNull()
  })
})
