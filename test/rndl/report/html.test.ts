import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../../src/rndl/report/index.js'
import { hostileReport, soundReport, unsoundReport } from './sampleReport.js'

const HOSTILE = `</title></style></script><script>alert(1)</script><img src=x onerror="alert(2)">'"&amp;\u202e\u0000`

const page = renderHtml(soundReport())

describe('the page', () => {
  it('lets in no style and no script but its own two, by their hashes, and nothing from anywhere', () => {
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)?.[1]
    const hash = (element: string) => {
      const inside = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)?.[1] ?? ''
      return `'sha256-${createHash('sha256').update(inside).digest('base64')}'`
    }
    expect(policy).toBe(
      `default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; base-uri 'none'; form-action 'none'`,
    )
  })

  it('refers to nothing but itself', () => {
    const references = [...page.matchAll(/\b(?:src|href|action|data|srcset)\s*=\s*"?([^"\s>]*)/g)].map(
      (match) => match[1],
    )
    expect(references.length).toBeGreaterThan(0)
    expect(references.filter((reference) => !reference?.startsWith('#'))).toEqual([])
    expect(page).not.toMatch(/@import|url\(|https?:/)
  })

  it('has a target for every link', () => {
    const { controls, timeline, searches, ...rest } = soundReport()
    for (const report of [soundReport(), { ...rest, controls: [], timeline: [], searches: [] }]) {
      const html = renderHtml(report)
      const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1])
      expect(new Set(ids).size).toBe(ids.length)
      const named = [...html.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)].map((match) => match[1])
      expect(named.filter((name) => !ids.includes(name))).toEqual([])
    }
  })

  it('shows hostile names as text, and adds no markup for them', () => {
    const hostile = renderHtml(hostileReport(HOSTILE))
    const elements = (html: string) => [...html.matchAll(/<\/?([a-z0-9]+)[^>]*>/g)].map((match) => match[1])
    const same = renderHtml(hostileReport('harmless'))
    expect(elements(hostile)).toEqual(elements(same))
    expect(hostile).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(2)&quot;&gt;&#39;&quot;&amp;amp;\ufffd\ufffd',
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(hostile).not.toMatch(/[\u0000\u202e]/)
  })

  it('begins with the verdict, and says what does not fit before it explains anything', () => {
    expect(page).toContain('<p class="word">The claim holds</p>')
    expect(page).not.toContain('What does not fit')
    const bad = renderHtml(unsoundReport())
    expect(bad).toContain('<p class="word">The claim does not hold</p>')
    expect(bad.indexOf('What does not fit')).toBeLessThan(bad.indexOf('What this means'))
    expect(bad).toContain('with curve, ML-KEM key: claim closed, graph closed, adversary open')
    expect(bad).toContain('<b>QKD key in the binder alone</b>: not caught')
    expect(bad).toContain('<b>False alarm</b> of nonce reuse')
    expect(bad).toContain('<b>Search for X25519 scalar</b>: slope 0.500')
  })

  it('is made for a run of any extent', () => {
    const { scenarios } = soundReport()
    const nothing = { scenarios: [], controls: [], falseAlarms: [], searches: [], timeline: [] }
    const summary = { cells: 0, disagreements: 0, controls: { total: 0, caught: 0 }, milliseconds: 1 }
    expect(renderHtml({ ...soundReport(), ...nothing, summary })).toContain('The claim does not hold')
    const configuration = { ...nothing, scenarios: scenarios.slice(0, 1), summary: { ...summary, cells: 1280 } }
    const assessed = renderHtml({ ...soundReport(), ...configuration, extent: 'configuration' })
    expect(assessed).toContain('The claim holds')
    expect(assessed).toContain('<code>assessConfiguration</code> with the same options')
    expect(assessed).not.toContain('Broken on purpose')
    expect(renderHtml({ ...soundReport(), extent: 'quick' })).toContain('trefoil rndl --quick --html')
  })

  it('draws a graph once that several scenarios share', () => {
    expect(page.match(/<svg class="derivations/g)).toHaveLength(5)
    expect(page).toContain('<b>PSK + QKD</b> were seen to compute')
    expect(page.match(/The derivation graph is that of <a href="#scenario-0">certificate \+ QKD<\/a>/g)).toHaveLength(5)
  })
})
