/** The derivation graph of a handshake, as the harness draws it. */
import type { LeakName } from '../../../src/rndl/model.js'
import type { GraphNode, GraphPicture } from '../../../src/rndl/report.js'

type Derivation = GraphPicture['derivations'][number]

const SOURCES: readonly (readonly [LeakName, string])[] = [
  ['curve', 'X25519 private key'],
  ['decapsulationKey', 'ML-KEM decapsulation key'],
  ['encapsulatedSecret', 'ML-KEM encapsulated secret'],
  ['qkdKeys', 'QKD key'],
  ['deliveryLink', 'taped delivery link'],
  ['authPsk', 'auth PSK'],
  ['ticketKeys', 'ticket key'],
  ['sessionStore', 'stored session'],
  ['memory', 'endpoint memory'],
]

/** Node ids are octets in hex, as in a real run. */
export function sampleGraph(leaks: readonly LeakName[], resumes: boolean): GraphPicture {
  const derivations: Derivation[] = []
  const derive = (output: string, by: string, ...inputs: string[]) => {
    derivations.push({ output, inputs, by })
    return output
  }
  const has = (leak: LeakName) => leaks.includes(leak)
  for (const [leak, source] of SOURCES) {
    if (leak === 'curve' && has(leak)) derive('X25519 secret', 'X25519', source)
    if (leak === 'decapsulationKey' && has(leak)) derive('ML-KEM secret', 'ML-KEM.Decaps', source)
    if (leak === 'encapsulatedSecret' && has(leak)) derive('ML-KEM secret', 'ML-KEM.Encaps', source)
    if (leak === 'deliveryLink' && has(leak)) derive('QKD key', 'key delivery', source)
  }
  const psk = ['QKD key', 'auth PSK'].filter((_, index) => has(index === 0 ? 'qkdKeys' : 'authPsk'))
  if (psk.length > 0) derive('imported PSK', 'RFC 9258 importer', ...psk)
  if (psk.length > 0) derive('Early Secret', 'HKDF-Extract', 'imported PSK')
  schedule('', psk.length > 0 ? ['Early Secret'] : [])
  if (resumes) {
    derive('resumption PSK', 'HKDF-Expand-Label "resumption"', 'resumption secret')
    derive('resumption PSK', 'ticket opened', 'ticket key')
    derive('resumption PSK', 'session store', 'stored session')
    derive('Early Secret, resumed', 'HKDF-Extract', 'resumption PSK')
    schedule(', resumed', ['Early Secret, resumed'])
  }
  return picture(derivations, leaks)

  function schedule(suffix: string, early: string[]) {
    derive(`Handshake Secret${suffix}`, 'HKDF-Extract', ...early, 'ML-KEM secret', 'X25519 secret')
    derive(`s hs traffic${suffix}`, 'Derive-Secret', `Handshake Secret${suffix}`)
    derive(`Main Secret${suffix}`, 'HKDF-Extract', `Handshake Secret${suffix}`)
    for (const [secret, thing] of [
      ['c ap traffic', 'request'],
      ['s ap traffic', 'response'],
      ['exp main', 'exporter'],
    ] as const) {
      derive(`${secret}${suffix}`, 'Derive-Secret', `Main Secret${suffix}`)
      if (has('memory') && secret !== 'exp main' && suffix === '') derive(secret, 'memory', 'endpoint memory')
      derive(
        suffix === '' ? thing : `resumed${thing}`,
        secret === 'exp main' ? 'TLS-Exporter' : 'AEAD',
        `${secret}${suffix}`,
      )
    }
    if (suffix === '') derive('resumption secret', 'Derive-Secret', 'Main Secret')
    derive(`serverCertificate${suffix}`, 'AEAD', `s hs traffic${suffix}`)
  }
}

function picture(derivations: readonly Derivation[], leaks: readonly LeakName[]): GraphPicture {
  const labels = [...new Set(derivations.flatMap(({ output, inputs }) => [...inputs, output]))]
  const depths = new Map(labels.map((label) => [label, 0]))
  for (const _ of labels) {
    for (const { output, inputs } of derivations) {
      const depth = 1 + Math.max(...inputs.map((input) => depths.get(input) ?? 0))
      if (depth > (depths.get(output) ?? 0)) depths.set(output, depth)
    }
  }
  const id = (label: string) => Buffer.from(label).toString('hex')
  const nodes = labels.map((label): GraphNode => {
    const source = SOURCES.find(([leak, name]) => name === label && leaks.includes(leak))
    return {
      id: id(label),
      label,
      kind: source ? 'leak' : /^(request|response|serverCert|exporter)/.test(label) ? 'thing' : 'secret',
      depth: depths.get(label) ?? 0,
      ...(source ? { leak: source[0] } : {}),
    }
  })
  return {
    nodes,
    derivations: derivations.map(({ output, inputs, by }) => ({ output: id(output), inputs: inputs.map(id), by })),
  }
}
