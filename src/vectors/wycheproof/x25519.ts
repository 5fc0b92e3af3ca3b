/** Wycheproof for X25519 (RFC 7748), as key shares of TLS are made of it. */
import { expectHex, expectThat, refuses, skip } from '../check/outcome.js'
import { wycheproofFormat } from './document.js'

export const wycheproofX25519 = wycheproofFormat({
  what: 'X25519',
  type: 'XdhComp',
  check({ fields, flags, result }, provider) {
    const curve = fields.optionalText('curve') ?? 'curve25519'
    if (curve !== 'curve25519') skip(`the curve ${curve}, which Trefoil does not have`)
    const scalar = fields.octets('private')
    if (scalar.every((octet) => octet === 0)) skip('a private key of zeros is taken for one that was never set')
    const agree = () => provider.generateKeyShare('x25519', scalar).agree(fields.octets('public'))
    const zero = flags.includes('ZeroSharedSecret') || fields.octets('shared').every((octet) => octet === 0)
    if (zero || result === 'invalid') {
      // RFC 9846 7.4.2: the all-zero secret, which low-order points give, ends the handshake.
      expectThat(refuses(agree, 'ERR_BAD_KEY_SHARE'), 'a secret that must be refused is taken')
    } else expectHex('shared', agree(), fields.text('shared'))
  },
})
