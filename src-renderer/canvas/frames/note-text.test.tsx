import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { NoteText } from './note-text.tsx'

const html = (text: string): string => renderToStaticMarkup(<NoteText text={text} />)

it('draws Markdown', () => {
  expect(html('# Fox\n\n- one\n- **two**')).toMatch(/<h1>Fox<\/h1>\s*<ul>\s*<li>one<\/li>\s*<li><strong>two/)
})

it('opens links of the web elsewhere, and says where they lead', () => {
  const link = html('[paper](https://arxiv.org/abs/2310.04378)')
  expect(link).toContain('href="https://arxiv.org/abs/2310.04378"')
  expect(link).toContain('title="https://arxiv.org/abs/2310.04378"')
  expect(link).toContain('rel="noopener noreferrer"')
})

it.each([
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](//example.org)',
  '[x](/api/jobs)',
  '<a href="javascript:alert(1)">x</a>',
  '<img src=x onerror=alert(1)>',
  '<script>x()</script>',
  '![x](https://example.org/pixel.png)',
  '<iframe src="https://example.org"></iframe>',
])('makes nothing but text of %s', (text) => {
  expect(html(text)).not.toMatch(/<(a|img|script|iframe)\b/i)
  expect(html(text)).toContain('x')
})
