/** Attacks by when they come, and what they gave in the sessions before, at and after that time. */

import { pad } from '../../../pages/text.js'
import type { Report, TimelineEntry } from '../../report.js'
import type { Canvas } from './paint.js'

const TIMES = ['earlier', 'attacked', 'later'] as const
const WHEN = 8
const SESSION = 10

export function drawTimeline({ timeline }: Report, on: Canvas): string[] {
  if (timeline.length === 0) return []
  const room = on.columns - WHEN - SESSION * TIMES.length
  const mode = Math.floor(room * 0.3)
  const head = `${pad('when', WHEN)}${pad('attack', room - mode)}${pad('mode', mode)}${TIMES.map((at) => pad(at, SESSION)).join('')}`
  return [
    ...on.heading('TIME', 'what an attack gives in earlier sessions, in the one it hits, and in later ones'),
    on.paint('dim', head),
    ...timeline.flatMap((entry) => drawEntry(entry, room - mode, mode, on)),
  ]
}

function drawEntry(entry: TimelineEntry, room: number, mode: number, on: Canvas): string[] {
  const attack = on.wrap(entry.attack, room - 1)
  const modes = on.wrap(entry.mode, mode - 1)
  const sessions = TIMES.map((at) => drawSessions(entry, at, on)).join('')
  return Array.from({ length: Math.max(attack.length, modes.length) }, (_, row) =>
    [
      pad(row === 0 ? entry.when : '', WHEN),
      pad(attack[row] ?? '', room),
      pad(modes[row] ?? '', mode),
      row === 0 ? sessions : '',
    ].join(''),
  )
}

function drawSessions({ sessions }: TimelineEntry, at: (typeof TIMES)[number], on: Canvas): string {
  const there = sessions.filter((session) => session.at === at)
  if (there.length === 0) return on.paint('dim', pad('·', SESSION))
  const text = [...new Set(there.map(({ achieved }) => achieved))].join(', ')
  if (there.some(({ expected, achieved }) => expected !== achieved)) return on.paint('bad', pad(`${text}!`, SESSION))
  return on.paint(there.some(({ achieved }) => achieved === 'open') ? 'warn' : 'good', pad(text, SESSION))
}
