import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderHtml } from '../../../src/rndl/report/index.js'
import { type Browser, CHROMIUM, type Page, startChromium } from '../../support/chromium.js'
import { hostileReport, soundReport, unsoundReport } from './sampleReport.js'

const missing = CHROMIUM === null && process.env['CI'] === undefined
const reason = missing ? ' (skipped: there is no chromium)' : ''
/** What the sample graph leads to. */
const ALL = ['exporter value', 'request', 'response', 'server certificate']
const ALERT = `</script></svg><script>alert(1)</script><img src="https://example.invalid/x" onerror="alert(2)">`
const HOSTILE = `${ALERT}${'W'.repeat(120)}`

describe.skipIf(missing)(`the page in Chromium${reason}`, () => {
  let browser: Browser

  beforeAll(async () => {
    if (CHROMIUM === null) throw new Error('chromium is not installed: scripts/install-debian-packages.mjs')
    browser = await startChromium(CHROMIUM)
  })

  afterAll(() => browser?.close())

  it.each([
    ['sound', soundReport()],
    ['unsound', unsoundReport()],
    ['hostile', hostileReport(HOSTILE)],
  ] as const)('loads a %s report without a complaint or a request, and no wider than the window', async (_, report) => {
    const page = await browser.open(renderHtml(report))
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    for (const width of [1280, 390]) {
      for (const scheme of ['light', 'dark'] as const) {
        await page.look(width, scheme)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      }
    }
    expect(page.complaints).toEqual([])
    expect(page.requests).toHaveLength(1)
    expect(page.requests[0]).toMatch(/^file:/)
    expect(await page.evaluate("document.querySelectorAll('script, img').length")).toBe(1)
  })

  it('shows the counts of the report', async () => {
    const report = unsoundReport()
    const page = await browser.open(renderHtml(report))
    expect(await text(page, '#cells')).toBe('15,648')
    expect(await text(page, '#disagreements')).toBe('16')
    expect(await text(page, '#controls')).toBe('13 of 14')
    expect(await number(page, 'table.matrix tbody tr')).toBe(report.scenarios.length)
    expect(await number(page, 'table.matrix .thing')).toBe(54)
    expect(await number(page, '#scenarios ~ details tbody tr')).toBe(54)
    expect(await number(page, 'table.controls tbody tr')).toBe(report.controls.length)
    expect(await number(page, 'table.controls .tag.bad')).toBe(1)
    expect(await number(page, 'table.timeline tbody tr')).toBe(report.timeline.length)
    expect(await number(page, 'table.timeline .tag.bad')).toBe(1)
    expect(await number(page, 'svg.plot')).toBe(2 * report.searches.length)
  })

  it('shows for any choice of leaks what the adversary opened with exactly these', async () => {
    const report = soundReport()
    const page = await browser.open(renderHtml(report))
    for (const leaks of [
      [],
      ['curve', 'decapsulationKey'],
      ['memory'],
      ['curve', 'encapsulatedSecret', 'deliveryLink', 'authPsk'],
    ]) {
      await choose(page, leaks)
      const things = report.scenarios.flatMap((scenario) => {
        const bits = scenario.leaks.reduce((sum, leak, bit) => sum + (leaks.includes(leak) ? 1 << bit : 0), 0)
        return scenario.things.map(({ cells }) => cells[bits]?.achieved)
      })
      const open = things.filter(Boolean).length
      expect(await number(page, '.thing.open')).toBe(open)
      expect(await text(page, '#chosen')).toContain(`: ${open} of 54 things open.`)
    }
  })

  it('lights what follows from the leaks chosen, which the keyboard can choose in the graph too', async () => {
    const page = await browser.open(renderHtml(soundReport()))
    const first = 'section > figure.graph svg'
    const lit = `[...document.querySelectorAll('${first} .node.thing.lit text:first-of-type')].map((node) => node.textContent).sort()`
    // Before anything is chosen: an example.
    expect(await page.evaluate(lit)).toEqual(ALL)
    for (const leak of ['curve', 'decapsulationKey']) {
      await page.evaluate(`document.querySelector('${first} [data-leak=${leak}]').focus()`)
      await page.press('Enter')
    }
    expect(await page.evaluate(lit)).toEqual([])
    expect(await text(page, '.lit-by')).toBe('curve, ML-KEM key')
    expect(await page.evaluate("document.querySelector('input[value=curve]').checked")).toBe(true)
    for (const leak of ['qkdKeys', 'authPsk']) {
      await page.evaluate(
        `document.querySelector('${first} [data-leak=${leak}]').dispatchEvent(new MouseEvent('click'))`,
      )
    }
    expect(await page.evaluate(lit)).toEqual(ALL)
    expect(await text(page, '#chosen')).toMatch(/^With curve, ML-KEM key, QKD keys, auth PSK: /)
  })

  it('says the same without scripts, but offers no choice', async () => {
    const page = await browser.open(renderHtml(soundReport()), { script: false })
    const shown = 'getComputedStyle(document.getElementById("chooser")).display'
    expect(await page.evaluate(shown)).toBe('none')
    expect(await number(page, 'table.matrix .thing')).toBe(54)
    expect(await number(page, 'section > figure.graph .node.lit')).toBeGreaterThan(5)
    await page.evaluate("document.querySelector('#scenario-1 summary').click()")
    expect(await page.evaluate("document.querySelector('#scenario-1').open")).toBe(true)
    expect(page.complaints).toEqual([])
  })

  it('unfolds what a link leads to', async () => {
    const page = await browser.open(renderHtml(soundReport()))
    await page.evaluate(`document.querySelector('a[href="#scenario-2"]').click()`)
    await expect.poll(() => page.evaluate("document.querySelector('#scenario-2').open")).toBe(true)
  })
})

function text(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector('${selector}').textContent`)
}

function number(page: Page, selector: string): Promise<number> {
  return page.evaluate(`document.querySelectorAll('${selector}').length`)
}

async function choose(page: Page, leaks: readonly string[]): Promise<void> {
  await page.evaluate(
    `for (const box of document.querySelectorAll('input[name=leak]')) if (box.checked !== ${JSON.stringify(leaks)}.includes(box.value)) box.click()`,
  )
}
