import type { BenchReport } from '../../runBench.js'
export function renderHtml(_report: BenchReport): string {
  return ''
}
