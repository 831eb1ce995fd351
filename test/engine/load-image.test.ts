import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { crc32 } from '#core/formats/crc32.ts'
import { documentOf, EngineRunner, labels, pixelsOf, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { smallModels } from '../small-models.ts'

const folder = temporaryFolder()
const runner = new EngineRunner(smallModels())
afterAll(() => runner.close())

function chunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(typed), 4)
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)])
}

interface Png {
  readonly width: number
  readonly height: number
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
  readonly colour: number
  readonly palette?: readonly number[]
  /** Rows without their filter bytes. */
  readonly rows: readonly (readonly number[])[]
}

/** A PNG byte by byte, so that no encoder chooses another form. */
function png({ width, height, depth, colour, palette, rows }: Png): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = depth
  header[9] = colour
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Uint8Array.from(palette))] : []),
    chunk('IDAT', deflateSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])))),
    chunk('IEND', new Uint8Array()),
  ])
}

function save(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes)
  return name
}

const copying = (file: string) =>
  documentOf({ picture: ['load-image', { file }], save: ['save-image', { image: '-> picture.image' }] })

/** The pixels that a picture has after Load Image and Save Image, three bytes each. */
async function pixels(file: string): Promise<number[]> {
  const [data = Buffer.of()] = await pixelsOf(await runner.run(copying(file), { folder }))
  return [...data]
}

describe('fault 17: pictures of every form come to the right pixels', () => {
  const size = { width: 2, height: 2 }

  test.each<[string, Png, number[]]>([
    [
      'RGB',
      {
        ...size,
        depth: 8,
        colour: 2,
        rows: [
          [1, 2, 3, 4, 5, 6],
          [250, 251, 252, 253, 254, 255],
        ],
      },
      [1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255],
    ],
    [
      'grey',
      {
        ...size,
        depth: 8,
        colour: 0,
        rows: [
          [0, 100],
          [200, 255],
        ],
      },
      [0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255],
    ],
    [
      'grey of one bit',
      { ...size, depth: 1, colour: 0, rows: [[0b01000000], [0b10000000]] },
      [0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0],
    ],
    [
      '16 bits a colour',
      { width: 2, height: 1, depth: 16, colour: 2, rows: [[0xab, 0xcd, 0, 0, 0xff, 0xff, 0x12, 0x34, 0x80, 0, 1, 0]] },
      [0xab, 0, 0xff, 0x12, 0x80, 1],
    ],
    [
      '16 bits of grey',
      { width: 2, height: 1, depth: 16, colour: 0, rows: [[0xab, 0xcd, 0xff, 0xff]] },
      [0xab, 0xab, 0xab, 255, 255, 255],
    ],
    [
      'a palette',
      {
        ...size,
        depth: 8,
        colour: 3,
        palette: [9, 8, 7, 60, 50, 40],
        rows: [
          [0, 1],
          [1, 0],
        ],
      },
      [9, 8, 7, 60, 50, 40, 60, 50, 40, 9, 8, 7],
    ],
    [
      'RGBA, whose alpha is left out',
      { width: 2, height: 1, depth: 8, colour: 6, rows: [[10, 20, 30, 0, 40, 50, 60, 128]] },
      [10, 20, 30, 40, 50, 60],
    ],
    [
      'grey with alpha',
      { width: 2, height: 1, depth: 8, colour: 4, rows: [[10, 0, 40, 255]] },
      [10, 10, 10, 40, 40, 40],
    ],
  ])('PNG, %s', async (name, picture, expected) => {
    expect(await pixels(save(`${name}.png`, png(picture)))).toEqual(expected)
  })

  const corners = { width: 16, height: 8 }

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('JPEG with EXIF orientation %i is turned upright', async (orientation) => {
    const quadrant = (left: number, top: number, background: string) => ({
      input: { create: { width: 8, height: 4, channels: 3 as const, background } },
      left,
      top,
    })
    const jpeg = await sharp({ create: { ...corners, channels: 3, background: 'black' } })
      .composite([quadrant(8, 0, '#ff0000'), quadrant(0, 4, '#00ff00'), quadrant(8, 4, '#0000ff')])
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer()
    const run = await runner.run(copying(save(`turned-${orientation}.jpg`, jpeg)), { folder })
    const turned = orientation > 4
    const [width, height] = turned ? [8, 16] : [16, 8]
    expect(run.images).toMatchObject([{ width, height }])
    const [data = Buffer.of()] = await pixelsOf(run)
    const colourAt = (x: number, y: number) => {
      const at = 3 * (Math.floor(y * height) * width + Math.floor(x * width))
      return ['black', 'red', 'green', 'blue'][1 + [...data.subarray(at, at + 3)].findIndex((level) => level > 200)]
    }
    const seen = [colourAt(0.25, 0.25), colourAt(0.75, 0.25), colourAt(0.25, 0.75), colourAt(0.75, 0.75)]
    expect(seen).toEqual(upright[orientation])
  })

  /** Top left, top right, bottom left, bottom right, as the EXIF standard turns each. */
  const upright: Readonly<Record<number, readonly string[]>> = {
    1: ['black', 'red', 'green', 'blue'],
    2: ['red', 'black', 'blue', 'green'],
    3: ['blue', 'green', 'red', 'black'],
    4: ['green', 'blue', 'black', 'red'],
    5: ['black', 'green', 'red', 'blue'],
    6: ['green', 'black', 'blue', 'red'],
    7: ['blue', 'red', 'green', 'black'],
    8: ['red', 'blue', 'black', 'green'],
  }

  test('JPEG in CMYK', async () => {
    const jpeg = await sharp({ create: { ...corners, channels: 3, background: '#ff0000' } })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer()
    const [red = 0, green = 0, blue = 0] = await pixels(save('cmyk.jpg', jpeg))
    expect(red).toBeGreaterThan(200)
    expect(Math.max(green, blue)).toBeLessThan(80)
  })
})

describe('what is transparent is the mask', () => {
  const masking = (file: string) =>
    documentOf({
      picture: ['load-image', { file }],
      grey: ['mask-to-image', { mask: '-> picture.mask' }],
      save: ['save-image', { image: '-> grey.image' }],
    })

  async function mask(file: string): Promise<number[]> {
    const [data = Buffer.of()] = await pixelsOf(await runner.run(masking(file), { folder }))
    return [...data].filter((_, i) => i % 3 === 0)
  }

  test.each<[string, Png, number[]]>([
    ['RGBA', { width: 2, height: 1, depth: 8, colour: 6, rows: [[10, 20, 30, 0, 40, 50, 60, 128]] }, [255, 127]],
    ['grey with alpha', { width: 2, height: 1, depth: 8, colour: 4, rows: [[10, 255, 40, 1]] }, [0, 254]],
    ['16 bits a colour', { width: 1, height: 1, depth: 16, colour: 6, rows: [[1, 0, 2, 0, 3, 0, 0x80, 0]] }, [127]],
    ['a picture without transparency', { width: 2, height: 1, depth: 8, colour: 0, rows: [[0, 255]] }, [0, 0]],
  ])('%s', async (name, picture, expected) => {
    expect(await mask(save(`${name}-mask.png`, png(picture)))).toEqual(expected)
  })

  test('turned upright like the picture', async () => {
    const alpha = await sharp(Buffer.of(1, 2, 3, 255, 1, 2, 3, 55), { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .withMetadata({ orientation: 3 })
      .toBuffer()
    expect(await mask(save('turned-mask.png', alpha))).toEqual([200, 0])
  })

  test('shown when the node alone is run', async () => {
    const file = save('shown.png', png({ width: 1, height: 1, depth: 8, colour: 6, rows: [[10, 20, 30, 55]] }))
    const run = await runner.run(copying(file), { folder, targets: ['picture'] })
    expect(run.images).toMatchObject([
      { node: 'picture', shown: true },
      { node: 'picture', shown: true },
    ])
    expect(await pixelsOf(run)).toEqual([Buffer.of(10, 20, 30), Buffer.of(200, 200, 200)])
  })
})

describe('image to image', () => {
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#336699' } })
      .png()
      .toBuffer()

  test('cuts sides down to multiples of 8', async () => {
    const picture = save('odd.png', await plain(70, 50))
    const run = await runner.run(template('image-to-image'), { set: { steps: '1', picture }, folder })
    expect(run.images).toMatchObject([{ width: 64, height: 48 }])
  })

  test('refuses a picture that would have nothing left', async () => {
    const picture = save('dot.png', await plain(64, 7))
    const { problems, error } = await runner.failure(template('image-to-image'), {
      set: { steps: '1', picture },
      folder,
    })
    const [problem = error] = problems
    expect(problem).toMatchObject({ code: 'range', node: 'latent', input: 'image' })
    expect(problem.message).toContain('64 x 7')
  })
})

describe('what is no picture is refused before anything is loaded', () => {
  const bomb = png({ width: 65535, height: 65535, depth: 8, colour: 0, rows: [[0]] })
  const refuse = (file: string) => runner.failure(template('image-to-image'), { set: { picture: file }, folder })

  test.each([
    ['fault 16: an SVG', 'svg.png', '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>', 'unsupported'],
    ['fault 16: a web page', 'page.png', '<!doctype html><title>Log in</title>', 'parse'],
    ['fault 16: a PDF', 'pdf.png', '%PDF-1.7\n%%EOF', 'parse'],
    ['an empty file', 'empty.png', '', 'parse'],
    ['fault 15: 65,535 x 65,535 pixels', 'bomb.png', bomb, 'limit'],
  ])('%s', async (_, name, bytes, code) => {
    expect(bytes.length).toBeLessThan(2000)
    const { problems, events } = await refuse(save(name, bytes))
    expect(problems).toMatchObject([{ code, node: 'picture', input: 'file', message: expect.stringContaining(name) }])
    expect(events).toEqual([])
  })

  test('a PNG that breaks off', async () => {
    const noise = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
        background: 'red',
      },
    })
      .png()
      .toBuffer()
    const { error, events } = await refuse(save('cut.png', noise.subarray(0, noise.length / 2)))
    expect(error).toMatchObject({ code: 'parse', node: 'picture', message: expect.stringContaining('cut.png') })
    expect(labels({ events }, 'load')).toEqual([])
  })

  test('a folder', async () => {
    const { problems } = await refuse('.')
    expect(problems).toMatchObject([{ code: 'io', node: 'picture', input: 'file' }])
  })
})
