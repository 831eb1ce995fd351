import { describe, expect, it } from 'vitest'
import { type Card, chooseCuda, readCards } from './cards.ts'

const both = ['13', '12'] as const
const card = (driver: string, computeCapability: number): Card => ({ name: 'a card', driver, computeCapability })

it('reads what the driver lists', () => {
  const text = 'NVIDIA GeForce RTX 4070 SUPER, 580.65.06, 8.9\r\nTesla V100, SXM2, 535.1, 7.0\n'
  expect(readCards(text)).toEqual([
    { name: 'NVIDIA GeForce RTX 4070 SUPER', driver: '580.65.06', computeCapability: 8.9 },
    { name: 'Tesla V100, SXM2', driver: '535.1', computeCapability: 7 },
  ])
  expect(readCards("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n")).toEqual([])
})

describe('the version of CUDA', () => {
  it.each([
    ['a new driver', card('580.65.06', 8.9), '13'],
    ['the driver before', card('576.02', 8.9), '12'],
    ['a new driver with a card of the Pascal generation', card('580.65.06', 6.1), '12'],
    ['the first card that CUDA 13 knows', card('591.1', 7.5), '13'],
  ])('fits %s', (_, machine, cuda) => {
    expect(chooseCuda([machine], both)).toEqual({ cuda })
  })

  it('is one that all cards compute with, if there is one', () => {
    expect(chooseCuda([card('580.1', 8.9), card('580.1', 6.1)], both)).toEqual({ cuda: '12' })
    expect(chooseCuda([card('580.1', 8.9), card('580.1', 3.5)], both)).toEqual({ cuda: '13' })
  })

  it('has to be offered for the platform', () => {
    expect(chooseCuda([card('560.1', 8.9)], ['13'])).toEqual({
      none: 'a card with driver 560.1 is not enough: it takes driver 580 or newer, and a card of compute capability 7.5 or newer.',
    })
  })

  it('is none without a card or with an old driver', () => {
    expect(chooseCuda([], both)).toEqual({ none: expect.stringContaining('No graphics card') })
    expect(chooseCuda([card('470.1', 8.6)], both)).toEqual({ none: expect.stringContaining('driver 525') })
  })
})
