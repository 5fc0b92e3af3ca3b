// Draws docs/key-rate.svg: the key rate of the simulated BB84 link against distance, by the formulas of src/qkd/bb84 and
// by simulated blocks. The same code gives the same picture, octet for octet.
// Usage: make-key-rate-plot.mjs [--check]; build first. --check changes nothing, and fails when the picture is another.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BB84_DEFAULTS, bb84Parameters, finiteKeyRate, keyRate, simulateBlock } from '../dist/qkd/index.js'
import { root } from './lib/run.mjs'

const FILE = join(root, 'docs/key-rate.svg')
/** f of reconciliation in the formulas: about what our Cascade reaches. */
const EFFICIENCY = 1.05
const SEED = new Uint8Array(32).fill(7)

const [WIDTH, HEIGHT] = [760, 480]
const PLOT = { left: 80, right: 740, top: 60, bottom: 420 }
const MAX_KM = 200
/** Powers of ten at the ends of the vertical axis. */
const [LOWEST, HIGHEST] = [-7, -1]

const at = (lengthKm) => bb84Parameters({ fibre: { lengthKm } })

const CURVES = [
  {
    name: 'endless blocks, perfect decoys (GLLP)',
    colour: '#1b1b1b',
    rate: (km) => keyRate(at(km), EFFICIENCY).perPulse,
  },
  ...[
    ['10¹¹', 1e11, '#7a3b9a'],
    ['10⁹', 1e9, '#0b6e99'],
    ['10⁷', 1e7, '#c2410c'],
  ].map(([label, pulses, colour]) => ({
    name: `blocks of ${label} pulses (Lim et al. 2014)`,
    colour,
    rate: (km) => finiteKeyRate(at(km), pulses, EFFICIENCY).perPulse,
  })),
]

/** Distances at which whole blocks are simulated. */
const SIMULATED = [
  { pulses: 1e7, colour: '#c2410c', distances: [5, 15, 25, 30] },
  { pulses: 1e9, colour: '#0b6e99', distances: [110, 120, 130] },
]

const picture = draw()
if (!process.argv.includes('--check')) {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, picture)
  console.log('docs/key-rate.svg drawn')
} else if (existsSync(FILE) && readFileSync(FILE, 'utf8') === picture) {
  console.log('docs/key-rate.svg is what the code gives')
} else {
  console.error('docs/key-rate.svg is not what the code gives: node scripts/make-key-rate-plot.mjs draws it anew')
  process.exitCode = 1
}

function draw() {
  const { source, detector, security } = BB84_DEFAULTS
  const lossDb = detector.receiverLossDb
  const conditions = [
    `intensities ${source.intensities.join(', ')}; key basis ${source.keyBasisProbability}`,
    `efficiency ${detector.efficiency}, receiver loss ${lossDb} dB, dark counts ${detector.darkCountProbability}`,
    `misalignment ${detector.misalignment}; ε(sec) ${security.epsilonSecrecy}, ε(cor) ${security.epsilonCorrectness}; f ${EFFICIENCY}`,
  ].join('; ')
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" role="img">`,
    '<title>Secret key rate of the simulated BB84 link against distance</title>',
    `<desc>${conditions}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(WIDTH / 2, 24, 'Secret key rate against distance', 'text-anchor="middle" font-size="17"'),
    text(WIDTH / 2, 44, conditions, 'text-anchor="middle" font-size="9.5" fill="#555555"'),
    ...axes(),
    ...CURVES.map(curve),
    ...SIMULATED.flatMap(points),
    ...legend(),
    '</svg>',
  ].join('\n')}\n`
}

function axes() {
  const lines = []
  for (let km = 0; km <= MAX_KM; km += 25) {
    lines.push(`<path d="M${x(km)} ${PLOT.top}V${PLOT.bottom}" stroke="#e2e2e2"/>`)
    lines.push(text(x(km), PLOT.bottom + 18, km, 'text-anchor="middle"'))
  }
  for (let power = LOWEST; power <= HIGHEST; power++) {
    const height = y(10 ** power)
    lines.push(`<path d="M${PLOT.left} ${height}H${PLOT.right}" stroke="#e2e2e2"/>`)
    const exponent = `<tspan dy="-5" font-size="10">${String(power).replace('-', '−')}</tspan>`
    lines.push(`<text x="${PLOT.left - 8}" y="${round(height + 5)}" text-anchor="end">10${exponent}</text>`)
  }
  const frame = `M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}`
  lines.push(`<path d="${frame}" fill="none" stroke="#1b1b1b"/>`)
  lines.push(
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 18, 'length of the fibre, km (0.2 dB/km)', 'text-anchor="middle"'),
  )
  const middle = (PLOT.top + PLOT.bottom) / 2
  const turned = `text-anchor="middle" transform="rotate(-90 24 ${middle})"`
  lines.push(text(24, middle, 'secret bits for each pulse sent', turned))
  return lines
}

function curve({ colour, rate }) {
  const places = []
  for (let km = 0; km <= MAX_KM; km++) {
    const value = rate(km)
    if (value < 10 ** LOWEST) break
    places.push(`${x(km)} ${y(value)}`)
  }
  return `<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`
}

/** One whole block each: pulses, sifting, Cascade, verification, privacy amplification. */
function points({ pulses, colour, distances }) {
  return distances.map((km) => {
    const { report } = simulateBlock({ parameters: at(km), pulses, seed: SEED })
    if (report.secretBits === 0) throw new Error(`no key at ${km} km: choose other distances`)
    return `<circle cx="${x(km)}" cy="${y(report.secretBits / pulses)}" r="4.5" fill="${colour}" stroke="#ffffff"/>`
  })
}

function legend() {
  const [left, top, step] = [PLOT.right - 318, PLOT.top + 18, 20]
  const last = CURVES.length
  return [
    `<rect x="${left - 12}" y="${top - 16}" width="326" height="${step * (last + 1) + 8}" fill="#ffffff" stroke="#cccccc"/>`,
    ...CURVES.flatMap(({ name, colour }, i) => [
      `<path d="M${left} ${top + step * i - 4}h24" stroke="${colour}" stroke-width="2"/>`,
      text(left + 32, top + step * i, name),
    ]),
    `<circle cx="${left + 12}" cy="${top + step * last - 4}" r="4.5" fill="#555555"/>`,
    text(left + 32, top + step * last, 'simulated blocks, with all post-processing'),
  ]
}

function text(left, baseline, content, attributes = '') {
  return `<text x="${round(left)}" y="${round(baseline)}"${attributes === '' ? '' : ` ${attributes}`}>${content}</text>`
}

function x(km) {
  return round(PLOT.left + (km / MAX_KM) * (PLOT.right - PLOT.left))
}

function y(rate) {
  const share = (Math.log10(rate) - LOWEST) / (HIGHEST - LOWEST)
  return round(PLOT.bottom - share * (PLOT.bottom - PLOT.top))
}

/** Tenths of a unit: far coarser than what could differ from one Node to the next. */
function round(value) {
  return Math.round(10 * value) / 10
}
