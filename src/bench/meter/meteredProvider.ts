/** A crypto provider that lets somebody measure, or write down, each operation of the one beneath. */
import type { AeadAlgorithm, HashAlgorithm } from '../../crypto/cipherSuites.js'
import type { KeyExchange, KeyExchanges, PrivateShare } from '../../crypto/keyExchange.js'
import { keySharesFrom } from '../../crypto/keyShares.js'
import type { Aead, CryptoProvider, MacKey, RunningHash, SigningKey, VerifyingKey } from '../../crypto/provider.js'
import { exchangesOf } from './exchanges.js'
import { type ExchangeKind, labelIn, type Measure } from './operation.js'

export function meteredProvider(provider: CryptoProvider, measure: Measure): CryptoProvider {
  return {
    name: provider.name,
    randomBytes: (length) => measure({ kind: 'random', length }, () => provider.randomBytes(length)),
    hash: (hash, data) => measure({ kind: 'hash', hash, length: data.length }, () => provider.hash(hash, data)),
    createHash: (hash) => runningHash(provider.createHash(hash), hash, measure),
    hmacKey(hash, key) {
      return macKey(
        measure({ kind: 'hmac key', hash }, () => provider.hmacKey(hash, key)),
        hash,
        measure,
      )
    },
    aead(algorithm, key) {
      return meteredAead(
        measure({ kind: 'aead key', algorithm }, () => provider.aead(algorithm, key)),
        algorithm,
        measure,
      )
    },
    supportsCipherSuite: (suite) => provider.supportsCipherSuite(suite),
    supportsSignatureScheme: (scheme) => provider.supportsSignatureScheme(scheme),
    ...keySharesFrom(meteredExchanges(exchangesOf(provider), measure)),
    verifyingKey(algorithm, publicKey) {
      const key = measure({ kind: 'verifying key', algorithm }, () => provider.verifyingKey(algorithm, publicKey))
      return meteredVerifyingKey(key, measure)
    },
    signingKey: (material) => meteredSigningKey(provider.signingKey(material), measure),
    generateSigningKey: (algorithm) => provider.generateSigningKey(algorithm),
  }
}

function runningHash(running: RunningHash, hash: HashAlgorithm, measure: Measure): RunningHash {
  return {
    update: (data) => measure({ kind: 'update', hash, length: data.length }, () => running.update(data)),
    digest: () => measure({ kind: 'digest', hash }, () => running.digest()),
  }
}

function macKey(key: MacKey, hash: HashAlgorithm, measure: Measure): MacKey {
  return {
    mac: (data) => measure({ kind: 'hmac', hash, label: labelIn(data), length: data.length }, () => key.mac(data)),
    wipe: () => key.wipe(),
  }
}

function meteredAead(aead: Aead, algorithm: AeadAlgorithm, measure: Measure): Aead {
  return {
    seal(nonce, aad, content, trailer, out) {
      const length = content.length + trailer.length
      measure({ kind: 'seal', algorithm, length }, () => aead.seal(nonce, aad, content, trailer, out))
    },
    sealInPieces(nonce, aad, content, trailer) {
      const length = content.length + trailer.length
      return measure({ kind: 'seal', algorithm, length }, () => aead.sealInPieces(nonce, aad, content, trailer))
    },
    open: (nonce, aad, sealed) =>
      measure({ kind: 'open', algorithm, length: sealed.length - 16 }, () => aead.open(nonce, aad, sealed)),
    wipe: () => aead.wipe(),
  }
}

function meteredExchanges(exchanges: KeyExchanges, measure: Measure): KeyExchanges {
  const curve = { generate: 'curve generate', respond: 'curve respond', agree: 'curve agree' } as const
  const mlkem = { generate: 'mlkem generate', respond: 'mlkem encapsulate', agree: 'mlkem decapsulate' } as const
  return {
    curve: (name) => meteredExchange(exchanges.curve(name), name, curve, measure),
    mlkem: (name) => meteredExchange(exchanges.mlkem(name), name, mlkem, measure),
  }
}

type Kinds = Readonly<Record<'generate' | 'respond' | 'agree', ExchangeKind>>

function meteredExchange(exchange: KeyExchange, name: string, kinds: Kinds, measure: Measure): KeyExchange {
  const share = (half: PrivateShare): PrivateShare => ({
    publicShare: half.publicShare,
    agree: (serverShare) => measure({ kind: kinds.agree, name }, () => half.agree(serverShare)),
    wipe: () => half.wipe(),
  })
  return {
    ...exchange,
    generate: (seed) => share(measure({ kind: kinds.generate, name }, () => exchange.generate(seed))),
    respond: (clientShare, seed) => measure({ kind: kinds.respond, name }, () => exchange.respond(clientShare, seed)),
  }
}

function meteredVerifyingKey(key: VerifyingKey, measure: Measure): VerifyingKey {
  return {
    algorithm: key.algorithm,
    publicKey: key.publicKey,
    verify: (scheme, message, signature) =>
      measure({ kind: 'verify', scheme, length: message.length }, () => key.verify(scheme, message, signature)),
  }
}

function meteredSigningKey(key: SigningKey, measure: Measure): SigningKey {
  return {
    algorithm: key.algorithm,
    publicKey: key.publicKey,
    sign: (scheme, message, options) =>
      measure({ kind: 'sign', scheme, length: message.length }, () => key.sign(scheme, message, options)),
    wipe: () => key.wipe(),
  }
}
