import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import * as all from '../../../src/rndl/report/index.js'
import { soundReport, unsoundReport } from './sampleReport.js'

test('x', () => {
  writeFileSync('/tmp/t-sound.txt', all.renderTerminal(soundReport(), { columns: 100 }))
  writeFileSync('/tmp/t-sound80.txt', all.renderTerminal(soundReport(), { columns: 80 }))
  writeFileSync('/tmp/t-unsound.txt', all.renderTerminal(unsoundReport(), { columns: 100, colours: false }))
  writeFileSync('/tmp/t.jsonl', all.renderJsonLines(unsoundReport()))
})
