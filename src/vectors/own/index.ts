/** The formats of Trefoil's own known answers, which vectors/README.md describes. */
import type { VectorFormat } from '../format.js'
import { importerFormat } from './importerFormat.js'
import { traceFormat } from './traceFormat.js'

export const ownFormats: readonly VectorFormat[] = [traceFormat, importerFormat]
