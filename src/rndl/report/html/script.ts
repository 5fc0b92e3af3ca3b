/**
 * The script of the page: leaks that are chosen show what the adversary opened with them, and what follows from them in
 * the graphs. It reads what the page says anyhow, and makes no markup.
 */
export const SCRIPT = `'use strict'
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const chooser = document.getElementById('chooser')
const boxes = all('input[name=leak]')
const sources = all('svg.derivations [data-leak]')
const chosen = () => new Set(boxes.filter((box) => box.checked).map((box) => box.value))
const labelOf = (leak) => boxes.find((box) => box.value === leak).parentElement.textContent.trim()

function showMatrix(leaks) {
  let open = 0
  let things = 0
  for (const row of all('table.matrix tr[data-leaks]')) {
    const bits = row.dataset.leaks.split(' ').reduce((sum, leak, index) => sum + (leaks.has(leak) ? 2 ** index : 0), 0)
    for (const thing of all('.thing', row)) {
      const isOpen = (parseInt(thing.dataset.cells[bits >> 2], 16) >> (bits & 3)) & 1
      thing.classList.toggle('open', isOpen === 1)
      thing.querySelector('.state').textContent = isOpen ? 'open' : 'closed'
      open += isOpen
      things++
    }
  }
  const names = [...leaks].map(labelOf).join(', ')
  document.getElementById('chosen').textContent =
    'With ' + (names || 'nothing but the recording') + ': ' + open + ' of ' + things + ' things open.'
}

function showGraph(svg, leaks) {
  const known = new Set(all('.node', svg)
    .filter((node) => node.classList.contains('public') || leaks.has(node.dataset.leak))
    .map((node) => node.dataset.node))
  const steps = all('.step', svg)
  const follows = (step) => step.dataset.inputs.split(' ').every((input) => known.has(input))
  for (let before = -1; before !== known.size;) {
    before = known.size
    for (const step of steps) if (follows(step)) known.add(step.dataset.output)
  }
  for (const step of steps) step.classList.toggle('lit', follows(step))
  for (const node of all('.node', svg)) node.classList.toggle('lit', known.has(node.dataset.node))
}

function choose() {
  const leaks = chosen()
  showMatrix(leaks)
  for (const svg of all('svg.derivations')) showGraph(svg, leaks)
  for (const text of all('.lit-by')) text.textContent = [...leaks].map(labelOf).join(', ') || 'nothing'
  for (const source of sources) source.setAttribute('aria-checked', leaks.has(source.dataset.leak))
}

function toggle(leak) {
  for (const box of boxes) if (box.value === leak) box.checked = !box.checked
  choose()
}

/** A link to something that is folded unfolds it. */
function unfold() {
  const target = document.getElementById(location.hash.slice(1))
  if (target && target.tagName === 'DETAILS') target.open = true
}

if (chooser) {
  chooser.hidden = false
  chooser.addEventListener('change', choose)
  chooser.addEventListener('click', ({ target }) => {
    if (!target.dataset.choose) return
    for (const box of boxes) box.checked = target.dataset.choose === 'all'
    choose()
  })
  for (const source of sources) {
    source.setAttribute('role', 'checkbox')
    source.setAttribute('tabindex', '0')
    source.setAttribute('aria-checked', 'false')
    source.setAttribute('aria-label', source.textContent.trim())
    source.addEventListener('click', () => toggle(source.dataset.leak))
    source.addEventListener('keydown', (event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return
      event.preventDefault()
      toggle(source.dataset.leak)
    })
  }
  // A picture that can be worked with is no longer one image to a screen reader.
  for (const svg of all('svg.derivations')) svg.setAttribute('role', 'group')
  // A browser may keep what was chosen over a reload; the pictures begin with their example otherwise.
  if (chosen().size > 0) choose()
  else showMatrix(new Set())
}
addEventListener('hashchange', unfold)
unfold()
`
