/** Markup that is made by a tagged template: strings that are put in are text, and only markup is markup. */
import { printable } from './text.js'

export interface Markup {
  readonly markup: string
}

type Value = string | number | Markup | readonly Markup[]

export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: strings.reduce((text, part, index) => text + written(values[index - 1] ?? '') + part) }
}

/** Markup from a constant of the program. */
export function trusted(markup: string): Markup {
  return { markup }
}

export const NOTHING: Markup = { markup: '' }

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function written(value: Value): string {
  if (typeof value === 'string') return printable(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
  if (typeof value === 'number') return String(value)
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('')
}
