import { expect, test } from 'vitest'
import { pictureSizeOf } from './picture-size.ts'

const model = (metadata: Record<string, string>, more: Partial<Parameters<typeof pictureSizeOf>[0]> = {}) =>
  pictureSizeOf({
    family: 'sd1',
    prediction: 'epsilon',
    method: undefined,
    config: undefined,
    metadata: new Map(Object.entries(metadata)),
    ...more,
  })

test.each([
  ['512x512', 512],
  ['1024 x 1024', 1024],
  ['768X768', 768],
  ['1216×832', 1008],
  ['640', 640],
  ['128x128', 128],
  ['', 512],
  ['high', 512],
  ['0x0', 512],
  ['8x8', 512],
  ['99999x99999', 512],
  ['1024x', 512],
  ['-512x512', 512],
])('a file that says %j was trained on pictures of %d', (resolution, side) => {
  expect(model({ 'modelspec.resolution': resolution })).toBe(side)
})

test('a file that says nothing has the size of its family, unless it looks like a Turbo', () => {
  expect(model({})).toBe(512)
  expect(model({}, { family: 'sd2', prediction: 'v_prediction' })).toBe(768)
  expect(model({}, { family: 'sd2' })).toBe(512)
  expect(model({}, { family: 'sdxl' })).toBe(1024)
  expect(model({}, { family: 'sdxl', method: 'lightning' })).toBe(1024)
  expect(model({}, { method: 'turbo' })).toBe(512)
  expect(model({}, { family: 'sd2', method: 'turbo' })).toBe(512)
  expect(model({}, { family: 'sdxl', method: 'turbo' })).toBeUndefined()
  expect(model({}, { family: 'sdxl', method: 'turbo', config: { sample_size: 64 } })).toBe(512)
  expect(model({ 'modelspec.resolution': '768x768' }, { family: 'sdxl', method: 'turbo' })).toBe(768)
})

test.each([
  [{ sample_size: 64 }, 512],
  [{ sample_size: 96 }, 768],
  [{ sample_size: 128, in_channels: 4 }, 1024],
  [{ sample_size: [96, 128] }, 888],
  [{ sample_size: null }, 512],
  [{ sample_size: 0 }, 512],
  [{ sample_size: -64 }, 512],
  [{ sample_size: 'large' }, 512],
  [{}, 512],
  ['no object', 512],
])('a folder whose UNet says %j was trained on pictures of %d', (config, side) => {
  expect(model({}, { config })).toBe(side)
})
