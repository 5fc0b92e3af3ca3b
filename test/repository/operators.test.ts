import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ERROR_TABLE } from '../../src/errors.js'

const document = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8')

it('the operators’ table explains every error of a key source, and no error that there is not', () => {
  const table = /<!-- errors of key sources -->([\s\S]*?)<!-- end -->/.exec(document)?.[1] ?? ''
  const explained = [...table.matchAll(/^\| `(ERR_\w+)` \|/gm)].map(([, code]) => code as string)
  const fromSources = Object.entries(ERROR_TABLE).flatMap(([code, { blame }]) => (blame === 'key-source' ? [code] : []))
  expect(explained).toEqual(expect.arrayContaining(fromSources))
  expect(explained.filter((code) => !(code in ERROR_TABLE))).toEqual([])
})
