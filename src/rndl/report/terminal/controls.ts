/** Endpoints that were broken on purpose, what saw it, and what it saw. */

import { pad } from '../../../pages/text.js'
import type { ControlReport, Report } from '../../report.js'
import { missedControls } from '../findings.js'
import type { Canvas } from './paint.js'

const MARK = 8

export function drawControls(report: Report, on: Canvas): string[] {
  const { controls } = report
  if (controls.length === 0) return []
  const missed = missedControls(report).length
  const remark = `endpoints with a defect, which the harness must catch: ${controls.length - missed} of ${controls.length} caught`
  return [...on.heading('BROKEN ON PURPOSE', remark), ...controls.flatMap((control) => drawControl(control, on))]
}

function drawControl({ title, caught, caughtBy, finding, defect }: ControlReport, on: Canvas): string[] {
  const room = on.columns - MARK
  const left = Math.floor(room * 0.38)
  const names = on.wrap(title, left)
  const by = on.wrap(caughtBy.join(', '), Math.floor(room * 0.22))
  const sentence = on.wrap(caught ? finding : defect, room - left - Math.floor(room * 0.22) - 2)
  const mark = caught ? on.paint('good', pad('caught', MARK)) : on.paint('bad', pad('MISSED', MARK))
  return Array.from({ length: Math.max(names.length, by.length, sentence.length) }, (_, row) =>
    [
      row === 0 ? mark : ' '.repeat(MARK),
      pad(names[row] ?? '', left + 1),
      pad(by[row] ?? '', Math.floor(room * 0.22) + 1),
      sentence[row] ?? '',
    ].join(''),
  )
}
