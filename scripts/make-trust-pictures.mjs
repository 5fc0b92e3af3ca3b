// Draws docs/pictures/*.svg of scripts/lib/trustPictures.mjs: for each trust anchor who holds what, who vouches for whom,
// and what goes over the wire.
// Usage: make-trust-pictures.mjs [--check]; --check changes nothing, and fails when a picture is another.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/run.mjs'
import { PICTURES } from './lib/trustPictures.mjs'

const FOLDER = join(root, 'docs/pictures')
const WIDTH = 760
const BOX = { width: 232, left: 16, middle: 264, right: 512 }
/** Between the ends, where the wire is. */
const WIRE = { left: 262, right: 498 }
const LINE = 17
const WAYS = { '→': 'client to server', '←': 'server to client', '⇠⇢': 'given to both beforehand' }

/** A panel with a ground of its own, so that any page shows it as it is; darker where the reader's system is. */
const STYLE = `
.ground { fill: #ffffff; stroke: #c8ccd2 } .box { fill: #f1f4f8; stroke: #56616f } .vouching { fill: #e4f1ea; stroke: #2f7d57 }
text { fill: #1c2127 } .small { font-size: 12px } .head { font-size: 15px } .bold { font-weight: 600 } .mild { fill: #4c5661 }
.before { stroke: #2f7d57; stroke-dasharray: 5 4 } .wire { stroke: #1f5fae } .link { stroke: #8a4fb0 }
.before, .wire, .link { fill: none; stroke-width: 1.6 } .tip-before { fill: #2f7d57 } .tip-wire { fill: #1f5fae }
@media (prefers-color-scheme: dark) {
.ground { fill: #15191e; stroke: #3a424c } .box { fill: #222932; stroke: #8b97a5 } .vouching { fill: #183326; stroke: #5cc191 }
text { fill: #e6eaef } .mild { fill: #aab4bf }
.before { stroke: #5cc191 } .wire { stroke: #6aa9f5 } .link { stroke: #c79be6 } .tip-before { fill: #5cc191 } .tip-wire { fill: #6aa9f5 }
}`.trim()

const check = process.argv.includes('--check')
if (!check) mkdirSync(FOLDER, { recursive: true })
for (const picture of PICTURES) {
  const file = join(FOLDER, `${picture.file}.svg`)
  const drawn = draw(picture)
  if (!check) writeFileSync(file, drawn)
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== drawn) {
    console.error(`docs/pictures/${picture.file}.svg is another: node scripts/make-trust-pictures.mjs draws it anew`)
    process.exitCode = 1
  }
}

function draw(picture) {
  const { title, top, link, vouches, client, server, wire, outcome } = picture
  const topHeight = top.length === 0 ? 0 : boxHeight(Math.max(...top.map(({ lines }) => lines.length)))
  const live = vouches.some((one) => one.live)
  const ends = 46 + (top.length === 0 ? 0 : topHeight + (live ? 40 : 34))
  const height = Math.max(boxHeight(Math.max(client.length, server.length)), wire.length * 36 + 4)
  const bottom = ends + height
  const total = bottom + 66
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>${title}</title>`,
    `<desc>${describe(picture)}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs>${tip('before')}${tip('wire')}</defs>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${total - 1}" rx="8"/>`,
    text(16, 27, title, 'head bold'),
    ...top.flatMap(({ at, name, lines }) => box(BOX[at], 40, topHeight, name, lines, 'vouching')),
    ...(link === undefined ? [] : drawLink(link, 40 + topHeight / 2)),
    ...vouches.flatMap((one) => drawVouch(one, { y: 40 + topHeight / 2, from: 40 + topHeight, ends })),
    ...box(BOX.left, ends, height, 'client', client, 'box'),
    ...box(BOX.right, ends, height, 'server', server, 'box'),
    ...wire.flatMap(([way, label], i) => drawMessage(way, label, ends + 30 + i * 36)),
    text(16, bottom + 26, outcome, 'bold'),
    ...legend(bottom + 48, live),
    '</svg>',
  ].join('\n')}\n`
}

function boxHeight(lines) {
  return 34 + LINE * lines
}

function box(x, y, height, name, lines, kind) {
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${BOX.width}" height="${height}" rx="6"/>`,
    text(x + 12, y + 21, name, 'bold'),
    ...lines.map((line, i) => text(x + 12, y + 21 + LINE * (i + 1), line, 'small')),
  ]
}

/** From the middle box sideways and down to an end, or straight down from the box above it. */
function drawVouch({ end, text: label, from, live }, { y, from: below, ends }) {
  const x = end === 'client' ? BOX.left + BOX.width / 2 : BOX.right + BOX.width / 2
  if (live) {
    const [place, anchor] = end === 'client' ? [x + 10, 'start'] : [x - 10, 'end']
    const caption = text(place, (below + ends) / 2 + 4, label, 'small', anchor)
    return [`<path class="wire" marker-end="url(#wire)" d="M${x} ${below}V${ends - 3}"/>`, caption]
  }
  const side = end === 'client' ? BOX.middle : BOX.middle + BOX.width
  const path = from === 'end' ? `M${x} ${ends}V${y}H${side + 3}` : `M${side} ${y}H${x}V${ends - 3}`
  const place = text(x, y - 8, label, 'small', 'middle')
  return [`<path class="before" marker-end="url(#before)" d="${path}"/>`, place]
}

function drawLink(label, y) {
  const [left, right] = [BOX.left + BOX.width, BOX.right]
  return [
    `<path class="link" d="M${left} ${y - 2}H${right}M${left} ${y + 2}H${right}"/>`,
    text(WIDTH / 2, y - 9, label, 'small', 'middle'),
  ]
}

function drawMessage(way, label, y) {
  const caption = text(WIDTH / 2, y - 7, label, 'small', 'middle')
  if (way === '⇠⇢') {
    const ends = 'marker-start="url(#before)" marker-end="url(#before)"'
    return [`<path class="before" ${ends} d="M${WIRE.left} ${y}H${WIRE.right}"/>`, caption]
  }
  const [from, to] = way === '→' ? [WIRE.left - 12, WIRE.right] : [WIRE.right + 12, WIRE.left]
  return [`<path class="wire" marker-end="url(#wire)" d="M${from} ${y}H${to}"/>`, caption]
}

function legend(y, live) {
  const wire = live ? 'over the wire; key delivery runs over a link of its own' : 'over the wire'
  return [
    `<path class="wire" d="M16 ${y - 4}h30"/>`,
    text(54, y, wire, 'small mild'),
    ...(live ? [] : [`<path class="before" d="M170 ${y - 4}h30"/>`, text(208, y, 'beforehand', 'small mild')]),
  ]
}

function tip(kind) {
  const shape = `<path class="tip-${kind}" d="M0 0L9 4.5L0 9Z"/>`
  return `<marker id="${kind}" viewBox="0 0 9 9" refX="6" refY="4.5" markerWidth="6" markerHeight="6" orient="auto-start-reverse">${shape}</marker>`
}

function text(x, y, content, kind, anchor) {
  const place = anchor === undefined ? '' : ` text-anchor="${anchor}"`
  return `<text class="${kind}" x="${x}" y="${y}"${place}>${content}</text>`
}

/** The picture in words, for those who do not see it. */
function describe({ top, link, vouches, client, server, wire, outcome }) {
  const sentences = [
    ...top.map(({ name, lines }) => `${name}: ${lines.join(' ')}`),
    ...(link === undefined ? [] : [`between them: ${link}`]),
    ...vouches.map(({ end, text: what, from }) => `${from === 'end' ? 'from' : 'to'} the ${end}: ${what}`),
    `the client holds: ${client.join(', ')}`,
    `the server holds: ${server.join(', ')}`,
    ...wire.map(([way, what]) => `${WAYS[way]}: ${what}`),
  ]
  return `${sentences.join('. ')}. ${outcome}`
}
