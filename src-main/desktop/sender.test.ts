import { expect, it } from 'vitest'
import { isOwnPage } from './sender.ts'

const own = 'http://127.0.0.1:7467'

it.each([
  ['the page', { url: `${own}/#open=a`, parent: null }, true],
  ['a frame in it', { url: `${own}/`, parent: {} }, false],
  ['another port', { url: 'http://127.0.0.1:7468/', parent: null }, false],
  ['a name that begins alike', { url: `${own}.example/`, parent: null }, false],
  ['a user name like it', { url: 'http://127.0.0.1:7467@example.org/', parent: null }, false],
  ['another scheme', { url: 'https://127.0.0.1:7467/', parent: null }, false],
  ['a page in its address', { url: 'data:text/html,a', parent: null }, false],
  ['a file', { url: 'file:///etc/passwd', parent: null }, false],
  ['an empty page', { url: 'about:blank', parent: null }, false],
  ['a page that has not loaded', { url: '', parent: null }, false],
  ['a frame that has gone', null, false],
])('%s may ask the window: %j, %s', (_who, frame, may) => {
  expect(isOwnPage(frame, own)).toBe(may)
})
