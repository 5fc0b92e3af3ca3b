/** The table of metrics as instruments of prom-client in one registry. */
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  type Registry,
} from 'prom-client'
import { METRICS, type MetricKey } from './table.js'

export type MetricsRegistry = Registry<OpenMetricsContentType> | Registry<PrometheusContentType>

type Instrument<K extends MetricKey> = (typeof METRICS)[K]['type'] extends 'counter'
  ? Counter<(typeof METRICS)[K]['labels'][number]>
  : (typeof METRICS)[K]['type'] extends 'gauge'
    ? Gauge<(typeof METRICS)[K]['labels'][number]>
    : Histogram<(typeof METRICS)[K]['labels'][number]>

export type Instruments = { readonly [K in MetricKey]: Instrument<K> }

/** What must be read at the time of a scrape; awaited before any metric is given out. */
export type BeforeScrape = (key: MetricKey) => void | Promise<void>

export function createInstruments(registry: MetricsRegistry, beforeScrape: BeforeScrape): Instruments {
  const registers = [registry as Registry]
  const made = Object.entries(METRICS).map(([key, entry]) => {
    const { name, help, type } = entry
    const options = {
      name,
      help,
      labelNames: [...entry.labels],
      registers,
      collect: () => beforeScrape(key as MetricKey),
    }
    if (type === 'counter') return [key, new Counter(options)]
    if (type === 'gauge') return [key, new Gauge(options)]
    return [key, new Histogram({ ...options, buckets: [...entry.buckets] })]
  })
  return Object.fromEntries(made)
}
