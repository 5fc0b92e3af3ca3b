// A service under churn: HTTP/1.1 and HTTP/2 over Trefoil, clients that come, go, break off and resume, key managers that
// are killed and come back, certificates and ticket keys that are replaced. Prints what must hold and whether it did, and
// exits with 1 if something did not. Build first (`npm run build`).
// Usage: soak.mjs [--clients 200] [--seconds 120] [--json] [--control byte|reply|reason|leak|socket]...
// With controls it must fail: each spoils the run on purpose (soak/controls.mjs).
import { parseArgs } from 'node:util'
import { CONTROLS } from './soak/controls.mjs'
import { judge } from './soak/judge.mjs'
import { run } from './soak/run.mjs'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '120' },
    json: { type: 'boolean', default: false },
    control: { type: 'string', multiple: true, default: [] },
  },
})
const clients = wholeNumber('clients', 2)
const seconds = wholeNumber('seconds', 1)
const controls = values.control
if (!controls.every((name) => Object.hasOwn(CONTROLS, name))) {
  console.error(`--control is one of ${Object.keys(CONTROLS).join(', ')}`)
  process.exit(2)
}

const outcome = await run({ clients, seconds, controls, onProgress: (line) => console.error(line) })
const verdict = judge({ clients, seconds, outcome })
console.log(values.json ? JSON.stringify(verdict) : asText(verdict))
process.exitCode = verdict.met ? 0 : 1

function wholeNumber(option, least) {
  const number = Number(values[option])
  if (Number.isSafeInteger(number) && number >= least) return number
  console.error(`--${option} is a whole number from ${least}`)
  process.exit(2)
}

function asText({ demands, counts, atRest, mostConnections, uncaught, ...rest }) {
  const width = Math.max(...demands.map(({ demand }) => demand.length))
  const mark = { true: '✓', false: '✗', null: '·' }
  return [
    `${rest.clients} clients, ${rest.seconds} s, Node ${rest.node}; at most ${mostConnections} connections at once`,
    '',
    ...demands.map(({ demand, measured, met }) => `${mark[met]} ${demand.padEnd(width)}  ${measured}`),
    ...(demands.some(({ met }) => met === null) ? ['', '· not judged: the run is too short'] : []),
    '',
    JSON.stringify({ counts, atRest }, null, 2),
    ...uncaught,
    rest.met ? 'all demands are met' : 'NOT all demands are met',
  ].join('\n')
}
