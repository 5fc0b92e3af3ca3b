/** The layouts in which NIST publishes: prompt.json, expectedResults.json and internalProjection.json. */
import { expect, it } from 'vitest'
import { runVectorDocument } from '../../src/vectors/index.js'
import { describeVectors } from '../support/vectors.js'
import { type Json, type JsonObject, oneCase } from './flip.js'

/** The document with only some fields in its one case. */
function only(document: JsonObject, ...names: readonly string[]): JsonObject {
  const [group] = document['testGroups'] as readonly (JsonObject & { readonly tests: readonly JsonObject[] })[]
  const test = Object.fromEntries(Object.entries(group?.tests[0] ?? {}).filter(([name]) => names.includes(name)))
  return { ...document, testGroups: [{ ...group, tests: [test] } as Json] }
}

async function countsOf(document: unknown) {
  const [run] = await runVectorDocument(document, 'x')
  return { passed: run?.passed, failed: run?.failed, reason: run?.skips[0]?.reason }
}

describeVectors("NIST's own layout", () => {
  const file = 'acvp/ML-KEM-keyGen-FIPS203.json'

  it('has prompts, which are skipped for want of answers', async () => {
    const { passed, failed, reason } = await countsOf(only(oneCase(file), 'tcId', 'd', 'z'))
    expect([passed, failed]).toEqual([0, 0])
    expect(reason).toMatch(/^a prompt without its answers: .*internalProjection\.json/)
  })

  it('has answers, which are skipped for want of a prompt', async () => {
    const { passed, failed, reason } = await countsOf(only(oneCase(file), 'tcId', 'ek', 'dk'))
    expect([passed, failed]).toEqual([0, 0])
    expect(reason).toMatch(/^answers without their prompt: .*internalProjection\.json/)
  })

  it('has both together, which are run, also behind the version of the protocol', async () => {
    const document = only(oneCase(file), 'tcId', 'd', 'z', 'ek', 'dk')
    expect(await countsOf(document)).toEqual({ passed: 1, failed: 0, reason: undefined })
    expect(await countsOf([{ acvVersion: '1.0' }, document])).toEqual({ passed: 1, failed: 0, reason: undefined })
  })

  it('keeps fields that its cases share with their group', async () => {
    const document = oneCase('acvp/ML-DSA-sigVer-FIPS204.json')
    const [group] = document['testGroups'] as readonly (JsonObject & { readonly tests: readonly JsonObject[] })[]
    const { pk, ...test } = (group?.tests[0] ?? {}) as JsonObject
    const shared = { ...document, testGroups: [{ ...group, pk, tests: [test] }] }
    expect(await countsOf(shared)).toMatchObject({ passed: 1, failed: 0 })
  })

  it('has pre-hashed signatures, which are skipped', async () => {
    const document = oneCase('acvp/ML-DSA-sigVer-FIPS204.json')
    const [group] = document['testGroups'] as readonly JsonObject[]
    const prehashed = { ...document, testGroups: [{ ...group, preHash: 'preHash' }] }
    expect((await countsOf(prehashed)).reason).toMatch(/^HashML-DSA/)
  })
})
