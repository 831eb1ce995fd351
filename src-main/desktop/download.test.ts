import { describe, expect, it } from 'vitest'
import { type Answer, download } from './download.ts'

const start = new URL('https://example.com/fox.json')

/** A web in which each address has its answer. */
function web(answers: Readonly<Record<string, Partial<Answer> & { text?: string }>>) {
  const asked: string[] = []
  const get = download(start, async ({ href }) => {
    asked.push(href)
    const { text = '', ...answer } = answers[href] ?? { status: 404 }
    return { status: 200, location: undefined, body: stream(text), ...answer }
  })
  return { asked, text: get.then((bytes) => Buffer.from(bytes).toString()) }
}

async function* stream(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(2 ** 20)
}

describe('a download', () => {
  it('gives what the address holds', async () => {
    expect(await web({ [start.href]: { body: stream('{"a"', ':1}') } }).text).toBe('{"a":1}')
  })

  it('follows redirections in the open web', async () => {
    const { text, asked } = web({
      [start.href]: { status: 302, location: '/other.json' },
      'https://example.com/other.json': { status: 301, location: 'https://example.org/' },
      'https://example.org/': { text: 'there' },
    })
    expect(await text).toBe('there')
    expect(asked).toHaveLength(3)
  })

  it.each(['http://example.com/', 'file:///etc/passwd', 'https://127.0.0.1/', 'https://[::1]/', 'https://a.b:22/'])(
    'does not follow one to %s',
    async (location) => {
      const { text, asked } = web({ [start.href]: { status: 302, location } })
      await expect(text).rejects.toThrow(/https|open web/)
      expect(asked).toEqual([start.href])
    },
  )

  it('gives up where it is led in a circle', async () => {
    const { text, asked } = web({ [start.href]: { status: 302, location: start.href } })
    await expect(text).rejects.toThrow('leads on and on')
    expect(asked).toHaveLength(4)
  })

  it('ends at 64 MiB', async () => {
    await expect(web({ [start.href]: { body: endless() } }).text).rejects.toThrow('larger than 64 MiB')
  })

  it('says what else the server answered', async () => {
    await expect(web({}).text).rejects.toThrow('status 404')
  })

  it('does not connect to a name that means this machine', async () => {
    await expect(download(new URL('https://localhost/fox.json'))).rejects.toThrow(/this machine or of your network/)
  })
})
