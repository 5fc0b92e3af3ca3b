/** The style of the page: light and dark as the reader has it, narrow and wide, on paper. */
import { baseStyle } from '../../../pages/style.js'

/** Of series, in their order: told apart also without colours, by their lightness. */
const LIGHT = `
--paper: #fbfaf8; --panel: #ffffff; --ink: #1c1f24; --muted: #59626d; --line: #d8dbe0; --warn: #7d5200; --warn-soft: #fcefd2;
--s0: #1c5d99; --s1: #e08a3c; --s2: #17663a; --s3: #a8b2bd; --s4: #7a3e9d; --s5: #c9a227; --s6: #2a9d8f; --s7: #b5423c;
--s8: #6c7a89; --s9: #9fc5e8; --s10: #5b8c3a; --s11: #d98cb3; --s12: #3d405b; --s13: #f2cc8f; --s14: #8d99ae;`

const DARK = `
--paper: #14171b; --panel: #1b1f25; --ink: #e5e7ea; --muted: #9ba5b1; --line: #353c46; --warn: #f0c66e; --warn-soft: #3a2e13;
--s0: #7fbaf0; --s1: #f0a763; --s2: #82d49d; --s3: #717c88; --s4: #c79be0; --s5: #e6c655; --s6: #6fd0c3; --s7: #ff9d93;
--s8: #a3b1bf; --s9: #4f7fa8; --s10: #a8d08d; --s11: #e8b4d0; --s12: #9a9ec4; --s13: #b8935a; --s14: #c4cdd9;`

/** How many series have a colour of their own. */
export const COLOURS = 15

export const STYLE = `${baseStyle({ light: LIGHT, dark: DARK, width: 76 })}
p { max-width: 46rem }
.warning { color: var(--warn); background: var(--warn-soft); padding: .5rem .8rem; border-radius: .3rem }
.wide { overflow-x: auto; max-width: 100% }
table { border-collapse: collapse; font-size: .9rem; margin: .6rem 0 1rem; overflow-wrap: normal }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line) }
td { white-space: nowrap; font-variant-numeric: tabular-nums }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom }
tbody th { font-weight: 500 }
th.number, td.number { text-align: right }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 0 2rem }
figure { margin: .6rem 0 1.2rem }
figcaption { font-weight: 500; font-size: .95rem }
.plot { width: 100%; height: auto; display: block }
svg text { fill: var(--ink); font-size: 11px }
svg .unit { fill: var(--muted) }
.grid { stroke: var(--line) }
${Array.from({ length: COLOURS }, (_, place) => `.s${place} { fill: var(--s${place}); stroke: var(--s${place}) }`).join('\n')}
.line { fill: none; stroke-width: 2 }
rect { stroke-width: 0 }
.legend { list-style: none; margin: .2rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem 1rem; font-size: .85rem }
.legend svg { width: .8em; height: .8em; margin-right: .4em; vertical-align: -.05em }
@media (max-width: 40rem) { main { padding: 1.2rem .9rem 3rem } h1 { font-size: 1.6rem } }
@media print {
  :root { ${LIGHT} --paper: #ffffff }
  body { font-size: 9pt } main { max-width: none; padding: 0 } .wide { overflow: visible }
  h2, h3 { break-after: avoid } tr, figure { break-inside: avoid }
}
`
