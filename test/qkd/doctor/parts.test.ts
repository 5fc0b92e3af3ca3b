import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import { worst } from '../../../src/qkd/doctor/check.js'
import { checks } from '../../../src/qkd/doctor/checks/index.js'
import { readContainer } from '../../../src/qkd/doctor/container.js'
import { judgeRefusal } from '../../../src/qkd/doctor/refusals.js'

describe('the reader of Key containers', () => {
  it('reads what is well formed, and finds nothing wrong with it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 5 }), (keys) => {
        const sent = keys.map((key) => ({ key_ID: randomUUID(), key: Buffer.from(key).toString('base64') }))
        const read = readContainer(utf8(JSON.stringify({ keys: sent })))
        expect(read.keys.map(({ keyId }) => keyId)).toEqual(sent.map(({ key_ID }) => key_ID))
        expect(read.keys.map(({ key }) => [...key])).toEqual(keys.map((key) => [...key]))
        expect([read.shape, read.keyIds, read.encoding]).toEqual([[], [], []])
      }),
    )
  })

  it('finds something wrong with anything else, and never throws', () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(utf8),
      fc.jsonValue().map((keys) => utf8(JSON.stringify({ keys: [keys] }))),
    )
    fc.assert(
      fc.property(octets, (body) => {
        expect(readContainer(body).shape.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('verdicts', () => {
  const reply = (status: number, body = '') => {
    return { status, body: utf8(body), contentType: null, reused: false, milliseconds: 1 }
  }

  it('a refusal is judged by its status, then by its message', () => {
    const grade = (status: number, body?: string, message?: string) =>
      judgeRefusal(reply(status, body), { what: 'it', ...(message === undefined ? {} : { message }) }).grade
    expect(grade(200)).toBe('fail')
    expect(grade(204)).toBe('fail')
    expect(grade(404)).toBe('warn')
    expect(grade(503)).toBe('warn')
    expect(grade(400)).toBe('pass')
    expect(grade(400, '{"message":"no"}', 'yes')).toBe('warn')
    expect(grade(400, '{"message":"yes"}', 'yes')).toBe('pass')
  })

  it('what a key manager says is fit for a terminal, and what comes with success is never shown', () => {
    const bell = judgeRefusal(reply(400, JSON.stringify({ message: `a\u001b[31m\u0007${'x'.repeat(200)}` })), {
      what: 'it',
    })
    expect(bell.message).toMatch(/^it was refused with status 400 "a \[31m x{70,80}"$/)
    expect(judgeRefusal(reply(200, '{"message":"secret"}'), { what: 'it' }).message).not.toContain('secret')
  })

  it('the worst counts, with all that are as bad', () => {
    const verdict = (grade: 'warn' | 'fail', message: string) => ({ grade, message })
    expect(worst([], 'well')).toEqual({ grade: 'pass', message: 'well' })
    expect(worst([verdict('warn', 'a'), verdict('fail', 'b'), verdict('fail', 'c')], 'well')).toEqual({
      grade: 'fail',
      message: 'b; c',
    })
  })
})

describe('the table of checks', () => {
  it('has each check once, after those that it needs', () => {
    const seen = new Set<string>()
    for (const { id, needs = [] } of checks) {
      expect(seen.has(id)).toBe(false)
      for (const need of needs) expect(seen, `${id} needs ${need}`).toContain(need)
      seen.add(id)
    }
  })

  it('stands in docs/doctor.md as it stands in the code', () => {
    const text = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8')
    const rows = checks.map(({ id, clause, rule }) => `| ${id} | ${clause} | ${rule} |`)
    expect(text.split('\n').filter((line) => /^\| [a-z]+\.[a-z0-9-]+ \|/.test(line))).toEqual(rows)
  })
})
