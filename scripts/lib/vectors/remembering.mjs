// A provider that computes nothing dear twice. What the vectors ask for is a function of its inputs: shares from seeds,
// deterministic signatures, verdicts on signatures; and each is asked for by both ends and by the recomputation.

export function remembering(provider) {
  const remember = memory()
  const key = (...parts) =>
    parts.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('base64'))).join(' ')
  return {
    ...provider,
    generateKeyShare(group, seed) {
      const made = remember(key('generate', group, seed), () => {
        const { publicShare } = provider.generateKeyShare(group, seed)
        return { group, publicShare }
      })
      const agree = (serverShare) =>
        Uint8Array.from(
          remember(key('agree', group, seed, serverShare), () =>
            provider.generateKeyShare(group, seed).agree(serverShare),
          ),
        )
      return { ...made, agree, wipe() {} }
    },
    respondToKeyShare(group, clientShare, seed) {
      const respond = () => provider.respondToKeyShare(group, clientShare, seed)
      const { serverShare, sharedSecret } = remember(key('respond', group, clientShare, seed), respond)
      return { serverShare, sharedSecret: Uint8Array.from(sharedSecret) }
    },
    verifyingKey(algorithm, publicKey) {
      const verifier = provider.verifyingKey(algorithm, publicKey)
      const verify = (scheme, message, signature) =>
        remember(key('verify', scheme, publicKey, message, signature), () =>
          verifier.verify(scheme, message, signature),
        )
      return { ...verifier, verify }
    },
    signingKey(material) {
      if (material.seed === undefined) return provider.signingKey(material)
      const signer = remember(key('key', material.algorithm, material.seed), () => provider.signingKey(material))
      const sign = (scheme, message, options) => {
        if (options?.deterministic !== true) return signer.sign(scheme, message, options)
        return remember(key('sign', scheme, material.seed, message), () => signer.sign(scheme, message, options))
      }
      return { algorithm: signer.algorithm, publicKey: signer.publicKey, sign, wipe() {} }
    },
  }
}

/** Refusals are remembered too. */
function memory() {
  const results = new Map()
  return (key, compute) => {
    let result = results.get(key)
    if (result === undefined) {
      result = attempt(compute)
      results.set(key, result)
    }
    if ('failure' in result) throw result.failure
    return result.value
  }
}

function attempt(compute) {
  try {
    return { value: compute() }
  } catch (failure) {
    return { failure }
  }
}
