import { execFileSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface ImporterCase {
  readonly kind: 'psk' | 'qkd' | 'psk+qkd'
  readonly epskHash: 'SHA-256' | 'SHA-384'
  readonly targetHash: 'SHA-256' | 'SHA-384'
  readonly authPsk?: string
  readonly authPskIdentity?: string
  readonly qkdKey?: string
  readonly keyId?: string
  readonly keySourceName?: string
  readonly initiatorSaeId?: string
  readonly responderSaeId?: string
  readonly epsk: string
  readonly context: string
  readonly importedIdentity: string
  readonly psk: string
}

it('PROTOCOL.md and vectors/importer.json say what the code does', () => {
  expect(() =>
    execFileSync(process.execPath, ['scripts/make-protocol-tables.mjs', '--check'], { stdio: 'pipe' }),
  ).not.toThrow()
})

describe('vectors/importer.json, recomputed from PROTOCOL.md on node:crypto alone', () => {
  const { cases } = JSON.parse(readFileSync('vectors/importer.json', 'utf8')) as { cases: ImporterCase[] }

  it('covers each kind of key with each pair of hashes', () => {
    expect(new Set(cases.map(({ kind, epskHash, targetHash }) => `${kind} ${epskHash} ${targetHash}`)).size).toBe(12)
  })

  it.each(
    cases.map(
      (one) =>
        [
          `${one.kind}${one.keyId || !one.initiatorSaeId ? '' : ' with names'}, EPSK ${one.epskHash}, target ${one.targetHash}`,
          one,
        ] as const,
    ),
  )('%s', (_title, one) => {
    const epsk = epskOf(one)
    expect(epsk.toString('hex')).toBe(one.epsk)
    const context = Buffer.concat([
      Buffer.of(1, { psk: 1, qkd: 2, 'psk+qkd': 3 }[one.kind]),
      vector(1, one.keySourceName),
      vector(2, one.initiatorSaeId),
      vector(2, one.responderSaeId),
      vector(2, one.authPskIdentity),
    ])
    expect(context.toString('hex')).toBe(one.context)
    const length = one.targetHash === 'SHA-256' ? 32 : 48
    const identity = Buffer.concat([
      vector(2, one.keyId ?? one.authPskIdentity),
      vector(2, context),
      Buffer.of(3, 4, 0, one.targetHash === 'SHA-256' ? 1 : 2),
    ])
    expect(identity.toString('hex')).toBe(one.importedIdentity)
    const hash = nodeHash(one.epskHash)
    const epskx = createHmac(hash, Buffer.alloc(createHash(hash).digest().length))
      .update(epsk)
      .digest()
    const info = Buffer.concat([
      Buffer.of(0, length),
      vector(1, 'tls13 derived psk'),
      vector(1, createHash(hash).update(identity).digest()),
    ])
    expect(expand(hash, epskx, info, length).toString('hex')).toBe(one.psk)
  })
})

function epskOf({ kind, epskHash, authPsk = '', qkdKey = '' }: ImporterCase): Buffer {
  if (kind === 'psk') return Buffer.from(authPsk, 'hex')
  const key = Buffer.from(qkdKey, 'hex')
  if (kind === 'qkd') return key
  return createHmac(nodeHash(epskHash), Buffer.from(authPsk, 'hex')).update(key).digest()
}

function expand(hash: string, prk: Buffer, info: Buffer, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let i = 1; Buffer.concat(blocks).length < length; i++) {
    const previous = blocks.at(-1) ?? Buffer.alloc(0)
    blocks.push(
      createHmac(hash, prk)
        .update(Buffer.concat([previous, info, Buffer.of(i)]))
        .digest(),
    )
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function vector(prefix: 1 | 2, content: string | Uint8Array = ''): Buffer {
  const octets = Buffer.from(content as string)
  const length = Buffer.alloc(prefix)
  length.writeUIntBE(octets.length, 0, prefix)
  return Buffer.concat([length, octets])
}

function nodeHash(hash: string): string {
  return hash.replace('-', '').toLowerCase()
}
