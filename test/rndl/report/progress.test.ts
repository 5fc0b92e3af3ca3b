import { describe, expect, it } from 'vitest'
import { width } from '../../../src/pages/text.js'
import { progressReporter } from '../../../src/rndl/report/index.js'

const CLEAR = '\r\u001b[K'

function recorder(options: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = []
  return { ...options, written, write: (text: string) => written.push(text) }
}

describe('progress', () => {
  it('is one line that is written over, on a terminal', () => {
    const stream = recorder({ isTTY: true, columns: 60 })
    const progress = progressReporter(stream)
    progress.report({
      stage: 'matrix',
      done: 3,
      total: 12,
      detail: 'certificate + QKD, after HelloRetryRequest, mutual',
    })
    progress.report({ stage: 'matrix', done: 12, total: 12 })
    progress.end()
    const lines = stream.written.map((text) => text.slice(CLEAR.length))
    expect(stream.written.every((text) => text.startsWith(CLEAR))).toBe(true)
    expect(lines[0]).toMatch(/^━{6} {18} matrix 3\/12 {2}certificate \+ QKD/)
    expect(lines[1]).toBe(`${'━'.repeat(24)} matrix 12/12`)
    expect(lines[2]).toBe('')
    for (const line of lines) expect(width(line)).toBeLessThan(60)
  })

  it('is as wide as usual on a terminal of unknown width', () => {
    const stream = recorder({ isTTY: true, columns: 0 })
    progressReporter(stream).report({ stage: 'controls', done: 1, total: 2 })
    expect(stream.written.join('')).toContain(' controls 1/2')
  })

  it('is a line a stage elsewhere', () => {
    const stream = recorder({})
    const progress = progressReporter(stream)
    for (const done of [0, 1, 2]) progress.report({ stage: 'matrix', done, total: 2 })
    progress.report({ stage: 'controls', done: 0, total: 14 })
    progress.end()
    expect(stream.written).toEqual(['matrix (2)\n', 'controls (14)\n'])
  })

  it('lets no name steer the terminal', () => {
    const stream = recorder({ isTTY: true })
    progressReporter(stream).report({ stage: 'matrix', done: 0, total: 1, detail: '\u001b[2Jgone' })
    expect(stream.written.join('').lastIndexOf('\u001b')).toBe(1)
  })
})
