import { describe, expect, it } from 'vitest'
import { documentsIn } from './documents.ts'
import { linksIn, readLink, webAddress } from './link.ts'

const importing = (address: string) => `latentloom://import?url=${encodeURIComponent(address)}`

describe('a link', () => {
  it('names an address of the open web', () => {
    const address = 'https://example.com/cats/fox.loom.json?v=2'
    expect(readLink(importing(address)).href).toBe(address)
    expect(readLink(`LATENTLOOM://import/?url=${encodeURIComponent(address)}`).href).toBe(address)
  })

  it.each([
    'latentloom://run?url=https://example.com/a.json',
    'latentloom://import',
    'latentloom:import?url=https://example.com/a.json',
    'latentloom://import/now?url=https://example.com/a.json',
    'latentloom://import?url=https://example.com/a.json#run',
    'latentloom://import?url=https://example.com/a.json&run=1',
    'latentloom://import?url=https://example.com/a.json&url=https://example.com/b.json',
    'latentloom://import?file=/etc/passwd',
    'latentloom://me@import?url=https://example.com/a.json',
    'latentloom://import:80?url=https://example.com/a.json',
    `latentloom://import?url=https://example.com/${'a'.repeat(5000)}`,
    'latentloom://',
    'latentloom:',
    'https://example.com/a.json',
  ])('does nothing else: %s', (link) => {
    expect(() => readLink(link)).toThrow(/only import/)
  })

  it.each([
    'http://example.com/a.json',
    'file:///etc/passwd',
    'ftp://example.com/a.json',
    'data:application/json,{}',
    'javascript:alert(1)',
    'https://me:secret@example.com/a.json',
    'https://example.com:8443/a.json',
    'https://127.0.0.1/a.json',
    'https://2130706433/a.json',
    'https://0x7f.1/a.json',
    'https://0/a.json',
    'https://10.1.2.3/a.json',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/a.json',
    'https://[::ffff:127.0.0.1]/a.json',
    'https://[64:ff9b::7f00:1]/a.json',
    'https://[fe80::1]/a.json',
    'https://[fd00::1]/a.json',
    'https://[2002:7f00:1::]/a.json',
    'not an address',
    '',
  ])('is refused for an address that is not of the open web: %s', (address) => {
    expect(() => readLink(importing(address))).toThrow(/open web|https|no address/)
  })

  it('is found among the arguments, and is no file', () => {
    const link = 'latentloom://import?url=https://example.com/fox.loom.json'
    expect(linksIn(['--flag', '/tmp/a.loom.json', link])).toEqual([link])
    expect(documentsIn([link], '/tmp')).toEqual([])
  })
})

it('takes a redirection from where it comes', () => {
  expect(webAddress('../b.json', new URL('https://example.com/x/y/a.json')).href).toBe('https://example.com/x/b.json')
})
