/** One bit is flipped in every octet string of recorded handshakes, and of PEM files where they bear an answer. */
import { expect, it } from 'vitest'
import { nodeProvider } from '../../src/crypto/index.js'
import { readPem, writePem } from '../../src/pki/index.js'
import { recogniseVectors, runVectorDocument } from '../../src/vectors/index.js'
import { describeVectors, loadVectors } from '../support/vectors.js'
import { expectSound, failuresOf, flipAt, type Json, type JsonObject, placesIn, readPemFile } from './flip.js'

/** One recording of a file, with what the file says of all of them. */
function oneRecording(folder: string, id: string): JsonObject {
  const document = loadVectors<JsonObject>(`${folder}/traces.json`)
  const trace = (document['traces'] as JsonObject[]).find((candidate) => candidate['id'] === id)
  if (trace === undefined) throw new Error(`there is no recording ${id}`)
  return { ...document, traces: [trace] }
}

/** The first case that fails is enough: a recording has a hundred. */
async function isNoticed(document: Json): Promise<boolean> {
  for (const { run } of recogniseVectors(document).flatMap((format) => format.cases(document))) {
    if ('failed' in (await run(nodeProvider))) return true
  }
  return false
}

/** Where nothing notices, by the names that lead there. */
async function unnoticedIn(document: JsonObject, part = /(?:)/): Promise<string[]> {
  const places = placesIn(document).filter(([top, , ...names]) => top === 'traces' && part.test(names.join('.')))
  expect(places.length).toBeGreaterThan(5)
  const unnoticed: string[] = []
  for (const place of places) {
    if (!(await isNoticed(flipAt(document, place)))) unnoticed.push(place.slice(2).join('.'))
  }
  return unnoticed
}

describeVectors('a spoilt recording', () => {
  it.each([
    ['rfc8448', 'simple-1-rtt', []],
    ['openssl35', 'c-external-psk-aes128', ['result.ok']],
    // The half of this key is the one that was set to zeros.
    ['openssl35', 'c-bad-x25519-zero', ['result.ok', 'values.clientKeyPairs.0.x25519PrivateKey']],
    ['public-traces', 'botan-external-psk', ['result.ok']],
  ])(
    'fails wherever the bit is: %s, %s',
    async (folder, id, free) => {
      const document = oneRecording(folder, id)
      await expectSound(document)
      const unnoticed = await unnoticedIn(document)
      expect(unnoticed.filter((place) => !free.some((name) => place === name))).toEqual([])
    },
    120_000,
  )

  // The rest of them is as above, and certificates make each run long.
  it.each([
    ['s-client-auth', 'in what is signed by', /Signing|Signature|KeyPairs|Share$/],
    ['c-mldsa44-aes128', 'in the messages and in what is exported', /^messages|^exporter|^keylog/],
  ])('fails wherever the bit is: openssl35, %s, %s', async (id, _, part) => {
    expect(await unnoticedIn(oneRecording('openssl35', id), part)).toEqual([])
  })

  it("fails wherever the bit is: Botan's transcript", async () => {
    const document = loadVectors<JsonObject>('psk/tls13-external-psk-dhe-botan.json')
    await expectSound(document)
    // Of the pools the private keys come first; digits of the time, and names in text, are no hex to be flipped.
    const places = placesIn(document).filter(([name]) => name !== 'CurrentTimestamp')
    expect(places.length).toBeGreaterThan(12)
    for (const place of places) expect([place, await failuresOf(flipAt(document, place))]).not.toEqual([place, []])
  })
})

describeVectors('a spoilt PEM file', () => {
  it.each(['pki/rfc9881/ML-DSA-44.crt', 'pki/hackathon/botan/ML-DSA-65_ta.pem', 'pki/boringssl-chain/mldsa-root.pem'])(
    'fails where a self-signed certificate has another signature: %s',
    async (file) => {
      await expectSound(readPemFile(file))
      const failures = await failuresOf(withFlippedBit(file, 'CERTIFICATE', -1))
      expect(failures).toContain('the certificate is not signed by its own key')
    },
  )

  it.each(['DATA', 'SIGNATURE', 'PUBLIC KEY'])('fails where the %s beside others is another one', async (label) => {
    await expectSound(readPemFile('pki/boringssl-spki/mldsa-44.pem'))
    const failures = await failuresOf(withFlippedBit('pki/boringssl-spki/mldsa-44.pem', label, -1))
    expect(failures).toContain('the signature beside the key does not verify')
  })

  it.each(['both', 'expanded'])(
    'never passes where a private key in the %s form is at odds with itself',
    async (form) => {
      await expectSound(readPemFile(`pki/rfc9881/ML-DSA-44-${form}.priv`))
      const spoilt = withFlippedBit(`pki/rfc9881/ML-DSA-44-${form}.priv`, 'PRIVATE KEY', -1)
      const runs = await runVectorDocument(spoilt, 'spoilt')
      expect(runs.map(({ passed, failed, skipped }) => [passed, failed, skipped])).toEqual([
        [0, 0, 1],
        [0, 0, 1],
      ])
    },
  )

  it('fails as a whole where its base64 is none', async () => {
    const text = readPemFile('pki/rfc9881/ML-DSA-44.pub').replace(/\n(?=M)/, '\n?')
    expect(await failuresOf(text)).toHaveLength(1)
  })
})

function withFlippedBit(file: string, label: string, at: number): Json {
  const blocks = readPem(readPemFile(file))
  return blocks
    .map((block) => {
      const der = block.der.slice()
      const place = at < 0 ? der.length + at : at
      if (block.label === label) der[place] = (der[place] as number) ^ 1
      return writePem(block.label, der)
    })
    .join('')
}
