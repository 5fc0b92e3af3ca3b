import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { serveCommand } from '../../src/cli/serve.js'
import { tunnelCommand } from '../../src/cli/tunnel.js'
import { METRICS } from '../../src/node/metrics/index.js'

const document = readFileSync(new URL('../../docs/tunnel.md', import.meta.url), 'utf8')

function rows(table: string): string[][] {
  const text = new RegExp(`<!-- ${table} -->\\n([\\s\\S]*?)<!-- end -->`).exec(document)?.[1] ?? ''
  const lines = text.trim().split('\n').slice(2)
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('the page on tunnels', () => {
  it('lists every metric as it is in the code', () => {
    const inCode = Object.values(METRICS).map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ])
    expect(rows('metrics')).toEqual(inCode)
  })

  it('explains every option that serve has not, with its default', () => {
    const shared = new Set(serveCommand().options.map(({ long }) => long))
    for (const end of tunnelCommand().commands) {
      const own = end.options.filter(({ long }) => !shared.has(long) || long === '--listen')
      const told = new Map(rows('options').map(([option = '', , preset]) => [/--[a-z-]+/.exec(option)?.[0], preset]))
      expect([...told.keys()]).toEqual(own.map(({ long }) => long))
      for (const { long, defaultValue } of own) {
        if (defaultValue !== undefined) expect(told.get(long ?? '')).toBe(String(defaultValue))
      }
    }
  })
})
