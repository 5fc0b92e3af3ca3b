import { afterEach, describe, expect, it } from 'vitest'
import { statusContradictions } from '../../src/qkd/index.js'
import {
  startBitsForBytesKeyManager,
  startForgetfulKeyManager,
  startNextDoorKeyManager,
} from '../support/foreignKeyManagers.js'
import { closingAfterEach } from '../support/httpsServer.js'
import { credentials, saeA, saeB } from '../support/kme.js'
import { sourceAt } from '../support/sources.js'

const closing = closingAfterEach(afterEach)
const refusedWith = (code: string) => expect.objectContaining({ code })
const both = (url: string, options = {}) => ({
  alice: closing(sourceAt(url, { ...credentials(saeA), ...options })),
  bob: closing(sourceAt(url, { ...credentials(saeB), ...options })),
})

describe('a key manager with the habits of next-door-key-simulator', () => {
  it.each(['POST', 'GET'] as const)('shares single keys, asked for with %s', async (method) => {
    const server = closing(await startNextDoorKeyManager())
    const { alice, bob } = both(server.url, { method })
    const sent = await alice.getKey(saeB)
    expect(await bob.getKeyWithId(saeA, sent.keyId)).toEqual(sent)
  })

  it('ignores number and size in GET, which is found out; POST gives what was asked for', async () => {
    const server = closing(await startNextDoorKeyManager())
    const get = both(server.url, { method: 'GET' }).alice
    await expect(get.getKeys(saeB, { number: 3 })).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
    await expect(get.getKeys(saeB, { size: 512 })).rejects.toEqual(refusedWith('ERR_QKD_KEY_LENGTH'))
    const { alice, bob } = both(server.url)
    const { keys } = await alice.getKeys(saeB, { number: 3, size: 512 })
    const ids = keys.map(({ keyId }) => keyId)
    expect((await bob.getKeysWithIds(saeA, ids, { size: 512 })).keys).toEqual(keys)
  })

  it('has refusals of its own: a page for 401, 400 for an unknown SAE and for a key that was taken', async () => {
    const server = closing(await startNextDoorKeyManager())
    const { alice, bob } = both(server.url)
    const stranger = closing(sourceAt(server.url, credentials('sae-stranger')))
    await expect(stranger.getKey(saeB)).rejects.toEqual(refusedWith('ERR_QKD_UNAUTHORIZED'))
    await expect(alice.getKey('sae-nobody')).rejects.toEqual(refusedWith('ERR_QKD_REFUSED'))
    const { keyId } = await alice.getKey(saeB)
    await bob.getKeyWithId(saeA, keyId)
    const again = both(server.url).bob
    await expect(again.getKeyWithId(saeA, keyId)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
  })

  it('stores more than it says it can: reported, and no reason to refuse the status or a key', async () => {
    const server = closing(await startNextDoorKeyManager())
    const { alice } = both(server.url)
    const status = await alice.fullStatus(saeB)
    const found = statusContradictions(status, { saeId: saeA, peerSaeId: saeB, keySize: 256 })
    expect(found.map(({ kind, preventsKeys }) => [kind, preventsKeys])).toEqual([['stored-above-max', false]])
    expect((await alice.getKey(saeB)).key).toHaveLength(32)
  })
})

describe("a key manager with the habits of arnika's mock", () => {
  it('knows no errors but 404, and gives one key whatever was asked for', async () => {
    const server = closing(await startForgetfulKeyManager())
    const { alice, bob } = both(server.url)
    const sent = await alice.getKey(saeB)
    expect(await bob.getKeyWithId(saeA, sent.keyId)).toEqual(sent)
    await expect(bob.getKeyWithId(saeA, 'unheard of')).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
    await expect(alice.getKeys(saeB, { number: 2 })).rejects.toEqual(refusedWith('ERR_QKD_BAD_REPLY'))
    await expect(alice.getKeys(saeB, { size: 512 })).rejects.toEqual(refusedWith('ERR_QKD_KEY_LENGTH'))
  })

  it('would give a key twice, so the source itself sees to it that none is used twice', async () => {
    const server = closing(await startForgetfulKeyManager())
    const { alice, bob } = both(server.url)
    const { keyId } = await alice.getKey(saeB)
    await bob.getKeyWithId(saeA, keyId)
    const asked = server.requests.length
    await expect(bob.getKeyWithId(saeA, keyId)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
    await expect(alice.getKeyWithId(saeB, keyId)).rejects.toEqual(refusedWith('ERR_QKD_KEY_NOT_FOUND'))
    expect(server.requests).toHaveLength(asked)
  })

  it('a path that is not there is a refusal of enc_keys and status, and not a key that ran out', async () => {
    const server = closing(await startForgetfulKeyManager())
    const { alice } = both(`${server.url}/elsewhere`)
    await expect(alice.getKey(saeB)).rejects.toEqual(refusedWith('ERR_QKD_REFUSED'))
    await expect(alice.status(saeB)).rejects.toEqual(refusedWith('ERR_QKD_REFUSED'))
  })
})

describe('a key manager that takes bits for bytes', () => {
  it('gives keys that are refused, and a status that says so beforehand', async () => {
    const server = closing(await startBitsForBytesKeyManager())
    const { alice } = both(server.url)
    await expect(alice.getKey(saeB)).rejects.toEqual(refusedWith('ERR_QKD_KEY_LENGTH'))
    const prevented = statusContradictions(await alice.fullStatus(saeB), { keySize: 256 })
      .filter(({ preventsKeys }) => preventsKeys)
      .map(({ kind }) => kind)
    expect(prevented).toEqual(['asked-size-out-of-range'])
  })
})
