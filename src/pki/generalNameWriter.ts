/** Writing GeneralNames: in subjectAltName (RFC 5280 4.2.1.6) and as bases of nameConstraints (RFC 5280 4.2.1.10). */
import * as x509 from '@peculiar/asn1-x509'
import { Primitive } from 'asn1js'
import { utf8 } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { Element } from './asn1Types.js'
import type { NameConstraints } from './extensions.js'
import { GeneralSubtree, GeneralSubtrees, NameConstraintsType } from './extensionTypes.js'
import type { GeneralName } from './generalName.js'
import { formatIp } from './ip.js'
import { readElement } from './strictAsn1.js'

/** A name for the ASN.1 library. @throws TrefoilError ERR_INVALID_OPTION for a form that is not written here */
export function generalNameValue(name: GeneralName): x509.GeneralName {
  switch (name.kind) {
    case 'dns':
      return new x509.GeneralName({ dNSName: name.value })
    case 'email':
      return new x509.GeneralName({ rfc822Name: name.value })
    case 'uri':
      return new x509.GeneralName({ uniformResourceIdentifier: name.value })
    case 'ip':
      return new x509.GeneralName({ iPAddress: formatIp(name.address) })
    default:
      throw notWritten()
  }
}

/** A value for the ASN.1 library. @throws TrefoilError ERR_INVALID_OPTION for a form that is not written here */
export function nameConstraintsValue({ permitted, excluded }: NameConstraints): NameConstraintsType {
  const value = new NameConstraintsType()
  if (permitted.length > 0) value.permittedSubtrees = new GeneralSubtrees(permitted.map(subtree))
  if (excluded.length > 0) value.excludedSubtrees = new GeneralSubtrees(excluded.map(subtree))
  return value
}

/** Context tags of RFC 5280 4.2.1.6. */
const TAGS = { email: 1, dns: 2, uri: 6, ip: 7 } as const

function subtree(name: GeneralName): GeneralSubtree {
  if (name.kind === 'other' || name.kind === 'directory') throw notWritten()
  const content = name.kind === 'ip' ? name.address : utf8(name.value)
  const block = new Primitive({
    idBlock: { tagClass: 3, tagNumber: TAGS[name.kind] },
    valueHex: content.slice().buffer,
  })
  const value = new GeneralSubtree()
  value.base = new Element().fromASN(readElement(new Uint8Array(block.toBER())))
  return value
}

const notWritten = (): TrefoilError =>
  new TrefoilError('ERR_INVALID_OPTION', 'a name has a form that cannot be written')
