/** HKDF (RFC 5869) and TLS 1.3's labels (RFC 9846 section 7.1) straight from a provider's HMAC, for known answers. */
import { concat, utf8 } from '../../src/bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../src/crypto/provider.js'

export function hkdfExtract(
  provider: CryptoProvider,
  hash: HashAlgorithm,
  salt: Uint8Array,
  inputKey: Uint8Array,
): Uint8Array {
  return provider.hmacKey(hash, salt).mac(inputKey)
}

export function hkdfExpand(
  provider: CryptoProvider,
  hash: HashAlgorithm,
  key: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const mac = provider.hmacKey(hash, key)
  const blocks: Uint8Array[] = []
  let block: Uint8Array = new Uint8Array(0)
  for (let done = 0; done < length; done += block.length) {
    block = mac.mac(concat(block, info, Uint8Array.of(blocks.length + 1)))
    blocks.push(block)
  }
  return concat(...blocks).slice(0, length)
}

export function hkdfExpandLabel(
  provider: CryptoProvider,
  hash: HashAlgorithm,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const full = utf8(`tls13 ${label}`)
  const info = concat(
    Uint8Array.of(length >> 8, length & 0xff, full.length),
    full,
    Uint8Array.of(context.length),
    context,
  )
  return hkdfExpand(provider, hash, secret, info, length)
}
