import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'vitest'
import * as all from '../../../src/rndl/report/index.js'
import { startChromium } from '../../support/chromium.js'
import { soundReport, unsoundReport } from './sampleReport.js'

test('x', async () => {
  const scenarios = JSON.parse(readFileSync('/tmp/real-scenarios.json', 'utf8'))
  const cells = scenarios.flatMap((s: any) => s.things.flatMap((t: any) => t.cells)).length
  const real = { ...soundReport(), scenarios, summary: { ...soundReport().summary, cells } }
  writeFileSync('/tmp/t-sound.txt', all.renderTerminal(real, { columns: 100 }))
  writeFileSync('/tmp/t-sound80.txt', all.renderTerminal(real, { columns: 80 }))
  writeFileSync('/tmp/t-unsound.txt', all.renderTerminal(unsoundReport(), { columns: 100, colours: false }))
  writeFileSync('/tmp/t.jsonl', all.renderJsonLines(unsoundReport()))
  const html = all.renderHtml(real)
  console.log('size', html.length)
  writeFileSync('/tmp/real.html', html)
  const browser = await startChromium('chromium')
  const page = await browser.open(html)
  await page.look(1280)
  writeFileSync('/tmp/shot-light.png', await page.screenshot())
  await page.evaluate(
    `document.querySelector('#scenario-1').open = true; document.querySelector('#scenario-9').open = true; document.querySelector('#scenario-20')?.setAttribute('open', ''); [...document.querySelectorAll('input[name=leak]')].filter((b) => ['curve','decapsulationKey','ticketKeys'].includes(b.value)).forEach((b) => b.click())`,
  )
  await page.look(1280, 'dark')
  writeFileSync('/tmp/shot-dark.png', await page.screenshot())
  await page.look(390)
  writeFileSync('/tmp/shot-narrow.png', await page.screenshot())
  console.log(page.complaints, page.requests, await page.evaluate('document.documentElement.scrollWidth'))
  const bad = await browser.open(all.renderHtml(unsoundReport()), { script: false })
  await bad.look(1280)
  writeFileSync('/tmp/shot-bad.png', await bad.screenshot())
  await browser.close()
}, 300000)
