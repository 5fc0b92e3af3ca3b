/** Scenarios played in this process. */
import { describe, expect, it } from 'vitest'
import type { Protection } from '../../../src/index.js'
import { readPlainHandshake, sentBy } from '../../../src/rndl/adversary/index.js'
import { makeMaterials, recordRun, type Side } from '../../../src/rndl/endpoints/index.js'
import type { LeakName, RecordedRun } from '../../../src/rndl/model.js'
import { PLAIN_SETUP, type Setup } from '../../../src/rndl/scenarios/index.js'

const seed = new Uint8Array(32).fill(3)
const materials = makeMaterials(seed)

function record(setup: Partial<Setup>, more: Partial<Parameters<typeof recordRun>[1]> = {}): Promise<RecordedRun> {
  return recordRun({ name: 'test', setup: { ...PLAIN_SETUP, ...setup } }, { materials, seed, ...more })
}

const leaksOf = ({ leaks }: RecordedRun): LeakName[] => leaks.map(({ leak }) => leak)
const wireOf = ({ tape }: RecordedRun): string[] =>
  tape.flatMap((taped) => [sentBy(taped, 'client').toString('hex'), sentBy(taped, 'server').toString('hex')])

describe('a recorded run', () => {
  it('has the tape of every connection, and nothing protected stands on it in clear', async () => {
    const run = await record({ certificates: 'mutual', tickets: true, resumes: true, keyUpdate: true })
    expect(run.tape.map(({ name }) => name)).toEqual(['session', 'resumed'])
    expect(run.things.map(({ name, connection }) => `${name} ${connection}`)).toEqual([
      'serverCertificate session',
      'clientCertificate session',
      'request session',
      'response session',
      'requestAfterKeyUpdate session',
      'responseAfterKeyUpdate session',
      'ticket session',
      'exporter session',
      'resumedRequest resumed',
      'resumedResponse resumed',
    ])
    const wire = wireOf(run).join()
    for (const { octets } of run.things) {
      expect(octets.length).toBeGreaterThanOrEqual(64)
      expect(wire).not.toContain(octets)
    }
  })

  it('names the leaks that are worth something in it, in the order of the reports', async () => {
    const everything = { certificates: 'server', psk: 'imported', qkd: 'require', tickets: true } as const
    expect(leaksOf(await record(everything))).toEqual([
      'curve',
      'decapsulationKey',
      'encapsulatedSecret',
      'qkdKeys',
      'authPsk',
      'ticketKeys',
      'sessionStore',
      'memory',
      'signingKeys',
      'caKeys',
    ])
    const little = { certificates: 'none', psk: 'raw', groups: { client: ['x25519'], server: ['x25519'] } } as const
    expect(leaksOf(await record(little))).toEqual(['curve', 'authPsk', 'memory'])
  })

  it('holds the secrets in memory of the end, after KeyUpdates', async () => {
    const secrets = (run: RecordedRun) => run.leaks.find(({ leak }) => leak === 'memory')?.octets ?? []
    const [before, after] = [await record({}), await record({ keyUpdate: true })]
    expect(secrets(before).every((secret) => before.keyLog?.includes(secret))).toBe(true)
    expect(secrets(after).some((secret) => after.keyLog?.includes(secret))).toBe(false)
    expect(secrets(after)).toHaveLength(2)
  })

  it('is the same to the octet when nothing in it is signed and the seed is the same', async () => {
    const setup = { certificates: 'none', psk: 'imported', qkd: 'require' } as const
    const [first, second] = [await record(setup), await record(setup)]
    expect(wireOf(second)).toEqual(wireOf(first))
    const other = await record(setup, { seed: new Uint8Array(32).fill(4) })
    expect(wireOf(other)).not.toEqual(wireOf(first))
  })

  it('has been asked for another share where the first does not suit', async () => {
    const groups = { client: ['SecP384r1MLKEM1024', 'X25519MLKEM768'], server: ['X25519MLKEM768'] } as const
    const { tape, protections } = await record({ groups })
    expect(protections?.[0]?.keyExchange.group).toBe('X25519MLKEM768')
    // RFC 9846 4.5.1: message_hash stands for the first ClientHello.
    expect(readPlainHandshake(tape[0] as (typeof tape)[number])?.transcript[0]).toBe(254)
  })

  it('rests on a QKD key alone when the ends have met before', async () => {
    const { protections, tape } = await record({ metBefore: true, qkd: 'require' })
    expect(tape.map(({ name }) => name)).toEqual(['first contact', 'session'])
    expect(protections?.map(({ authentication }: Protection) => authentication.peer)).toEqual(['certificate', 'qkd'])
  })

  it('is none when the ends do otherwise than the setup says', async () => {
    // A share is there already, so the server takes that group and not the first of its own.
    const groups = {
      client: ['X25519MLKEM768', 'SecP256r1MLKEM768'],
      server: ['SecP256r1MLKEM768', 'X25519MLKEM768'],
    } as const
    await expect(record({ groups })).rejects.toThrow('not played as it should be: the group')
  })

  it('is none when an end refuses', async () => {
    const changeOptions = <Options extends object>(options: Options, side: Side): Options =>
      side === 'client' ? { ...options, psk: { identity: 'branch-17', key: new Uint8Array(32).fill(1) } } : options
    await expect(record({ certificates: 'none', psk: 'imported' }, { hooks: { changeOptions } })).rejects.toThrow(
      expect.objectContaining({ alert: 'decrypt_error' }),
    )
    await expect(record({ qkd: 'require', keyManagerDown: true })).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }),
    )
  })

  it('lets each end be changed: provider, key source and options', async () => {
    const called: string[] = []
    const note = (what: string, side: Side) => void called.push(`${what} of the ${side}`)
    let macs = 0
    await record(
      { qkd: 'require' },
      {
        hooks: {
          wrapProvider(provider, side) {
            note('provider', side)
            return {
              ...provider,
              hmacKey(...args) {
                macs++
                return provider.hmacKey(...args)
              },
            }
          },
          wrapSource(source, side) {
            note('source', side)
            return source
          },
          changeOptions(options, side) {
            note('options', side)
            return options
          },
        },
      },
    )
    expect(called.sort()).toEqual([
      'options of the client',
      'options of the server',
      'provider of the client',
      'provider of the server',
      'source of the client',
      'source of the server',
    ])
    expect(macs).toBeGreaterThan(0)
  })
})
