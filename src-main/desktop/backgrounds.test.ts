import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { backgrounds } from './backgrounds.ts'

it('has the backgrounds of the page', () => {
  const css = readFileSync('src-renderer/theme/tokens.css', 'utf8')
  for (const [scheme, colour] of Object.entries(backgrounds)) {
    expect(css).toMatch(new RegExp(`scheme="${scheme}"\\] \\{[^}]*--canvas: ${colour};`))
  }
})
