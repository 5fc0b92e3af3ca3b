/** Certificates that are not DER, or not of the form of RFC 5280 4.1: their signatures are good, made over what stands there. */
import { concat, utf8 } from '../../../../src/bytes.js'
import * as make from '../../craft.js'
import { encodeDer } from '../../encodeDer.js'
import { authority, der, HOST, leaf, type Shape } from '../certify.js'
import { bad, good, type Made, type Row } from '../row.js'

const root = () => authority('root')
const own = (shape: Shape) => (): Made => ({ chain: [leaf(root(), shape)], anchors: [root()] })
const changed = (change: (der: Uint8Array) => Uint8Array) => (): Made => {
  const good = leaf(root())
  return { chain: [change(good.der)], anchors: [root()], signer: good }
}
const MALFORMED = ['ERR_BAD_CERTIFICATE', 'well-formed'] as const
const lenient = { difference: 'OpenSSL reads more than DER here; we refuse what is not DER' }
const more = (...extensions: Uint8Array[]): Shape => ({ more: extensions })
const unlooked = { difference: 'OpenSSL does not look for it; RFC 5280 says that it must not be' }

export const ENCODINGS: readonly Row[] = [
  good(
    'trailing-zero-bits',
    'a keyUsage with zero bits at its end, as some authorities write it',
    own({ keyUsage: make.extension('0603551d0f', '0303078000', true) }),
  ),
  good(
    'explicit-false',
    'a criticality that is written although it is the default',
    own(more(encodeDer(0x30, der('06032a0304'), der('010100'), der('04020500')))),
  ),
  good(
    'serial-of-twenty',
    'a serial number of twenty octets',
    own({ serialNumber: encodeDer(0x02, der(`7f${'ab'.repeat(19)}`)) }),
  ),
  good('serial-zero', 'a serial number of zero', own({ serialNumber: der('020100') })),
  bad(
    'not-a-certificate',
    'octets that are no certificate',
    MALFORMED,
    changed(() => utf8('not a certificate')),
  ),
  bad(
    'cut-short',
    'the last octet is missing',
    MALFORMED,
    changed((octets) => octets.slice(0, -1)),
  ),
  bad(
    'trailing-octets',
    'octets after the certificate',
    MALFORMED,
    changed((octets) => concat(octets, der('0000'))),
  ),
  bad('element-too-many', 'a fourth element in the certificate', MALFORMED, own({ afterTbs: der('0500') })),
  bad(
    'long-length',
    'a length in more octets than it needs',
    MALFORMED,
    own(more(concat(der('308110'), der('06032a0304'), der('0409'), new Uint8Array(9)))),
    lenient,
  ),
  bad(
    'indefinite-length',
    'a length that is indefinite',
    MALFORMED,
    own(more(der('308006032a0304040205000000'))),
    lenient,
  ),
  bad('integer-padded', 'a serial number with a zero too many', MALFORMED, own({ serialNumber: der('02020001') })),
  bad('serial-negative', 'a serial number below zero', MALFORMED, own({ serialNumber: der('0201ff') }), unlooked),
  bad(
    'serial-too-long',
    'a serial number of 21 octets',
    MALFORMED,
    own({ serialNumber: encodeDer(0x02, der(`7f${'ab'.repeat(20)}`)) }),
    unlooked,
  ),
  bad(
    'boolean-of-one',
    'a BOOLEAN that is 1 instead of 255',
    MALFORMED,
    own({ basicConstraints: encodeDer(0x30, der('0603551d13'), der('010101'), der('04023000')) }),
    lenient,
  ),
  bad(
    'unused-bits-set',
    'bits that do not count are set',
    MALFORMED,
    own({ keyUsage: make.extension('0603551d0f', '030207ff', true) }),
    lenient,
  ),
  bad(
    'constructed-string',
    'an OCTET STRING in pieces',
    MALFORMED,
    own(more(encodeDer(0x30, der('06032a0304'), der('240404020500')))),
    lenient,
  ),
  bad(
    'duplicate-extension',
    'an extension that stands there twice',
    MALFORMED,
    own(more(make.extension('06032a0304', '0500'), make.extension('06032a0304', '0500'))),
    unlooked,
  ),
  bad(
    'duplicate-names',
    'two subjectAltNames, one for us and one for another',
    MALFORMED,
    own(more(make.altNames('other.example'))),
  ),
  bad(
    'no-extensions',
    'a list of extensions with none in it',
    MALFORMED,
    own({ extensions: [], afterPublicKey: der('a3023000') }),
    { usage: 'client', ...unlooked },
  ),
  bad(
    'extensions-in-version-1',
    'extensions in a certificate of version 1',
    MALFORMED,
    own({ version: new Uint8Array() }),
    unlooked,
  ),
  bad('version-4', 'a version that does not exist', MALFORMED, own({ version: der('a003020103') }), unlooked),
  bad(
    'empty-names',
    'a subjectAltName with no name in it',
    MALFORMED,
    own({ names: make.extension('0603551d11', '3000') }),
    { usage: 'client', ...unlooked },
  ),
  bad(
    'garbage-in-extension',
    'a basicConstraints that is no basicConstraints',
    MALFORMED,
    own({ basicConstraints: make.extension('0603551d13', '0401ff', true) }),
  ),
  bad(
    'octets-after-extension',
    'octets after the value of an extension',
    MALFORMED,
    own({ basicConstraints: make.extension('0603551d13', '30000500', true) }),
    lenient,
  ),
  bad(
    'not-utf8',
    'a UTF8String that is none',
    MALFORMED,
    own({ subjectName: encodeDer(0x30, encodeDer(0x31, encodeDer(0x30, der('0603550403'), der('0c02c328')))) }),
  ),
  bad('fraction-of-second', 'a time with a fraction of a second', MALFORMED, own({ notBefore: '20200101000000.5Z' })),
  bad('no-seconds', 'a time without seconds', MALFORMED, own({ notBefore: '2001010000Z' })),
  bad('no-issuer', 'an issuer without a name', MALFORMED, own({ issuerName: der('3000') })),
  bad(
    'address-of-five',
    'an iPAddress of five octets',
    MALFORMED,
    own({ names: make.altNames(HOST, encodeDer(0x87, der('0a00000001'))) }),
    unlooked,
  ),
  bad('deep', 'elements nested a hundred deep in the subject', MALFORMED, own({ subjectName: deepName() }), {
    difference:
      'OpenSSL does not look into a value of a kind that it does not know; we bound what any reader goes through',
  }),
]

function nested(depth: number): Uint8Array {
  let inner: Uint8Array = der('0500')
  for (let i = 0; i < depth; i++) inner = encodeDer(0x30, inner)
  return inner
}

/** A name with a value that is nested too deeply, and that every reader must go through. */
function deepName(): Uint8Array {
  return encodeDer(0x30, encodeDer(0x31, encodeDer(0x30, der('06032a0304'), nested(100))))
}
