/** The style of the page: light and dark as the reader has it, narrow and wide, on paper. */
import { baseStyle } from '../../../pages/style.js'

const LIGHT = `
--paper: #fbfaf8; --panel: #ffffff; --ink: #1c1f24; --muted: #59626d; --line: #d8dbe0; --accent: #1c5d99;
--good: #17663a; --good-soft: #e2f2e7; --bad: #a11d1a; --bad-soft: #fbe3e0; --warn: #7d5200; --warn-soft: #fcefd2;
--lit: #b8480f; --lit-soft: #fdeadd;`

const DARK = `
--paper: #14171b; --panel: #1b1f25; --ink: #e5e7ea; --muted: #9ba5b1; --line: #353c46; --accent: #7fbaf0;
--good: #82d49d; --good-soft: #173224; --bad: #ff9d93; --bad-soft: #43211e; --warn: #f0c66e; --warn-soft: #3a2e13;
--lit: #ffa26b; --lit-soft: #442813;`

export const STYLE = `${baseStyle({ light: LIGHT, dark: DARK, width: 72 })}
p, section > ul { max-width: 46rem }
table { overflow-wrap: break-word } caption { overflow-wrap: anywhere }
a { color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
code, pre, .value { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em }
pre { background: var(--panel); border: 1px solid var(--line); padding: .8rem 1rem; border-radius: .4rem;
  white-space: pre-wrap }
.good { color: var(--good) } .bad { color: var(--bad) } .warn { color: var(--warn) }
.verdict { border-left: .4rem solid; padding: .8rem 1.2rem; border-radius: .2rem }
.verdict.good { background: var(--good-soft) } .verdict.bad { background: var(--bad-soft) }
.verdict p { max-width: none; margin: .1rem 0; color: var(--ink) }
.verdict .word { font-size: 1.5rem; font-weight: 650; color: inherit; line-height: 1.3 }
.verdict.good .word { color: var(--good) } .verdict.bad .word { color: var(--bad) }
.figures { display: flex; flex-wrap: wrap; gap: .6rem 2.6rem; margin: 1.2rem 0 0 }
.figures div { display: flex; flex-direction: column-reverse }
.figures dt { color: var(--muted); font-size: .9rem }
.figures dd { margin: 0; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto; max-width: 100% }
table { border-collapse: collapse; font-size: .92rem; margin: 1rem 0 }
caption { text-align: left; color: var(--muted); font-size: .9rem; padding-bottom: .4rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line) }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom }
tbody th { font-weight: 500 }
td ul { margin: 0; padding-left: 1.1rem }
.number { text-align: right; font-variant-numeric: tabular-nums }
td.number { white-space: nowrap }
.absent { color: var(--muted); text-align: center }
.plain td, .plain th { min-width: 5.5rem }
.plain .takes { min-width: 14rem; width: 50% }
.plain .number { min-width: 4.5rem }
.plain { width: 100% }
.legend th:first-child { width: 4rem; min-width: 3rem }
.controls td, .controls th { min-width: 11rem }
.tag { display: inline-block; padding: 0 .5em; border-radius: .8em; font-size: .86em; white-space: nowrap }
.tag.good { background: var(--good-soft) } .tag.bad { background: var(--bad-soft) } .tag.warn { background: var(--warn-soft) }
.matrix th[scope=row] { position: sticky; left: 0; background: var(--paper); min-width: 11rem; max-width: 18rem }
.matrix thead th { font-size: .84rem; line-height: 1.25; min-width: 4.4rem }
.matrix td { text-align: center; padding-right: .3rem }
.matrix td:last-child { text-align: left; min-width: 7.5rem; font-size: .86rem }
.matrix thead th:not(:first-child, :last-child) { text-align: center; padding-right: .3rem }
.thing { display: inline-block; min-width: 3.8rem; border-radius: .3rem; padding: .05rem .2rem; line-height: 1.25 }
.thing .state { display: block; font-size: .78rem; color: var(--muted) }
.thing.open { background: var(--warn-soft) } .thing.open .state { color: var(--warn); font-weight: 600 }
.rule { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 1.05em; color: var(--accent) }
.wrong { color: var(--bad) }
fieldset { border: 1px solid var(--line); border-radius: .4rem; background: var(--panel); margin: 1rem 0; padding: .6rem 1rem .2rem;
  min-width: 0 }
legend { padding: 0 .4rem; color: var(--muted); font-size: .9rem }
.boxes { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .15rem .8rem }
label, button { cursor: pointer }
button { font: inherit; font-size: .9rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .3rem;
  padding: .1rem .7rem }
fieldset p { margin: .6rem 0; max-width: none }
output { margin-left: .4rem; font-weight: 600 }
.terms { display: grid; grid-template-columns: minmax(8rem, 11rem) 1fr; gap: .25rem 1rem; margin: .6rem 0; font-size: .95rem }
.terms div { display: contents } .terms dt { font-weight: 500 } .terms dd { margin: 0; min-width: 0 }
.failures { padding-left: 1.1rem } .failures > li { margin-bottom: .2rem } .failures details { border: 0 } .failures dl { margin: .3rem 0; display: grid; grid-template-columns: 6rem 1fr }
.failures dl div { display: contents } .failures dt { color: var(--muted) } .failures dd { margin: 0 }
details { border-bottom: 1px solid var(--line) }
summary { cursor: pointer; padding: .45rem 0; font-weight: 500 }
figure { margin: .6rem 0 1.2rem }
figcaption { color: var(--muted); font-size: .9rem; padding: .2rem 0 }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; max-width: 62rem }
svg text { fill: var(--ink); font-size: 12.5px } svg .power { font-size: 9px }
.plot { width: 100%; height: auto; display: block }
.plot .grid { stroke: var(--line) }
.plot .expected { stroke: var(--accent); stroke-width: 1.6 }
.plot .single { fill: var(--muted); opacity: .45 }
.plot .mean { fill: var(--lit) } .plot .real { fill: var(--paper); stroke: var(--lit); stroke-width: 2 }
.plot line.mark { stroke: var(--muted); stroke-dasharray: 4 4 } .plot text.mark { fill: var(--muted); font-size: 11.5px }
.derivations { display: block } .derivations.large { max-width: 100%; min-width: 54rem; height: auto }
.node rect { fill: var(--panel); stroke: var(--muted) }
.node text { text-anchor: middle } .node .by { font-size: 10.5px; fill: var(--muted) }
.node.leak rect { stroke: var(--accent); stroke-width: 2 } .node.public rect { stroke-dasharray: 3 3 }
.node.thing rect { stroke: var(--ink); stroke-width: 2 } .node.thing text:not(.by) { font-weight: 600 }
.node[role=checkbox] { cursor: pointer }
.step path { fill: none; stroke: var(--muted); stroke-opacity: .55 } .step circle { fill: var(--muted) }
.step.lit path { stroke: var(--lit); stroke-width: 2; stroke-opacity: 1 } .step.lit circle { fill: var(--lit) }
.node.lit rect { fill: var(--lit-soft); stroke: var(--lit) } .node.lit.thing rect { stroke-width: 3 }
.timeline { width: 100% } .timeline td { text-align: center; min-width: 6.5rem; padding-top: .6rem }
.timeline thead th:not(:first-child) { text-align: center } .timeline tbody th { min-width: 15rem }
.timeline .attacked { background: var(--panel); border-left: 2px dotted var(--line); border-right: 2px dotted var(--line) }
.when { display: block; font-size: .84rem; color: var(--accent) } .remark { display: block; color: var(--muted); font-size: .9rem; font-weight: 400 }
@media (max-width: 40rem) {
  main { padding: 1.2rem .9rem 3rem } h1 { font-size: 1.6rem }
  .terms { grid-template-columns: 1fr; gap: 0 } .terms dd { margin-bottom: .5rem }
  .matrix th[scope=row] { min-width: 8rem; max-width: 9rem }
  .timeline tbody th { min-width: 10rem } .timeline td { min-width: 4.4rem }
}
@media print {
  :root { ${LIGHT} --paper: #ffffff }
  body { font-size: 10pt } main { max-width: none; padding: 0 }
  fieldset, .state { display: none !important }
  h2, h3, summary, caption { break-after: avoid } tr, figure, .verdict { break-inside: avoid }
  details::details-content { content-visibility: visible; block-size: auto }
  .wide { overflow: visible } .matrix th[scope=row] { position: static } .derivations { max-width: 100%; height: auto }
}
`
