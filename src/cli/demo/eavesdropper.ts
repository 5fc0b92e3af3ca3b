/**
 * The third act of the demonstration: an eavesdropper on the fibre. The error rate gives her away, the link stops giving
 * keys, and each QKD policy does what it says; when she leaves, keys come back.
 */
import { readFileSync } from 'node:fs'
import { wipe } from '../../bytes.js'
import { toTrefoilError } from '../../errors.js'
import { etsi014 } from '../../qkd/index.js'
import type { ErrorEvent, HandshakeEvent } from '../output.js'
import type { Claim } from './claims.js'
import { type Materials, SAE_B } from './materials.js'
import type { Child } from './processes.js'
import { type KeyManagerUrls, run, type Scenario, type Spawn, startEnds } from './scenario.js'

export interface Eavesdropped {
  /** Of the first block that she measured, 0 to 1. */
  readonly qber: number
  readonly reason: string
  /** Keys from before she came: secret still, and fetched first. */
  readonly keysUsedUp: number
  /** What a client under `require` ended with. */
  readonly refusal: ErrorEvent
  /** Under `prefer`: what both ends report, and what the client said on the way. */
  readonly fallback: { readonly client: HandshakeEvent; readonly server: HandshakeEvent; readonly said: string }
  /** After she left, under `require`. */
  readonly recovered: { readonly client: HandshakeEvent; readonly server: HandshakeEvent }
}

/** @param linkEnd the key manager that runs the simulated link, and obeys commands */
export async function eavesdrop(
  scenario: Scenario,
  materials: Materials,
  kme: KeyManagerUrls,
  linkEnd: Child,
  spawn: Spawn,
): Promise<Eavesdropped> {
  linkEnd.write(Buffer.from('eve 1\n'))
  await linkEnd.line('eve')
  const noticed = await linkEnd.line('link')
  const keysUsedUp = await useUpKeys(materials, kme.client)
  const refusal = await refusedUnderRequire(scenario, materials, kme, spawn)
  const fallback = await fallBackUnderPrefer(scenario, materials, kme, spawn)
  linkEnd.write(Buffer.from('eve 0\n'))
  await linkEnd.line('eve')
  await linkEnd.line('link')
  const { client, server } = await run(scenario, materials, kme, spawn)
  return {
    qber: Number(noticed['qber']),
    reason: String(noticed['reason']),
    keysUsedUp,
    refusal,
    fallback,
    recovered: { client, server },
  }
}

export function checkEavesdropped({ qber, reason, refusal, fallback, recovered }: Eavesdropped): Claim[] {
  const { client, server } = fallback
  return [
    // Intercept and resend in a random basis: a quarter of the sifted bits are wrong (docs/bb84.md).
    { claim: 'an eavesdropper on every pulse turns a quarter of the bits', holds: qber > 0.2 && qber < 0.32 },
    { claim: 'the link gives no keys any more, and says why', holds: /QBER/.test(reason) },
    {
      claim: 'under require there is no session, and the client says why',
      holds: refusal.code === 'ERR_QKD_EXHAUSTED' && /QBER/.test(refusal.message),
    },
    {
      claim: 'under prefer there is one without a QKD key, both sides report it so, and the client says why',
      holds: client.qkd === null && server.qkd === null && /without a QKD key.*QBER/s.test(fallback.said),
    },
    {
      claim: 'its keys still rest on X25519 and ML-KEM-768',
      holds: [client, server].every(({ keyExchange }) => keyExchange.x25519 && keyExchange.mlkem === 'ML-KEM-768'),
    },
    {
      claim: 'when she has left, QKD keys are in the key schedule again',
      holds: recovered.client.qkd !== null && recovered.client.qkd.keyId === recovered.server.qkd?.keyId,
    },
  ]
}

/** Fetches all that is in stock, as an SAE of site A. */
async function useUpKeys({ saeA, kmeCa }: Materials, url: string): Promise<number> {
  const source = etsi014({
    url,
    cert: readFileSync(saeA.cert),
    key: readFileSync(saeA.key),
    ca: readFileSync(kmeCa),
  })
  let fetched = 0
  try {
    for (let number = 64; number >= 1; ) {
      try {
        const { keys } = await source.getKeys(SAE_B, { number })
        wipe(...keys.map(({ key }) => key))
        fetched += keys.length
      } catch (error) {
        if (toTrefoilError(error).code !== 'ERR_QKD_EXHAUSTED') throw error
        // Not that many are left; fewer may be.
        number = Math.floor(number / 2)
      }
    }
    return fetched
  } finally {
    await source.close()
  }
}

async function refusedUnderRequire(scenario: Scenario, materials: Materials, kme: KeyManagerUrls, spawn: Spawn) {
  const { server, client } = await startEnds(scenario, materials, kme, spawn)
  const refusal = (await client.line('error')) as unknown as ErrorEvent
  await client.exitCode()
  server.stop()
  return refusal
}

async function fallBackUnderPrefer(scenario: Scenario, materials: Materials, kme: KeyManagerUrls, spawn: Spawn) {
  const prefer: Scenario = {
    ...scenario,
    serverArguments: [...scenario.serverArguments, '--qkd', 'prefer'],
    clientArguments: [...scenario.clientArguments, '--qkd', 'prefer'],
  }
  const { server, client } = await startEnds(prefer, materials, kme, spawn)
  const [atClient, atServer] = await Promise.all([client.line('handshake'), server.line('handshake')])
  client.endInput()
  await client.exitCode()
  server.stop()
  return {
    client: atClient as unknown as HandshakeEvent,
    server: atServer as unknown as HandshakeEvent,
    said: client.said,
  }
}
