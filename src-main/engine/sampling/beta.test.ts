import { expect, test } from 'vitest'
import { betaQuantile } from './beta.ts'

test('quantiles are those of SciPy', () => {
  const expected = [0, 0.012554456873611399, 0.05715636362241408, 0.17568037865269498, 0.5, 0.824319621347305, 1]
  for (const [i, share] of [0, 0.05, 0.125, 0.25, 0.5, 0.75, 1].entries()) {
    expect(betaQuantile(share, 0.6)).toBeCloseTo(expected[i] ?? 0, 12)
  }
  // arcsine distribution: the quantile is known in closed form
  expect(betaQuantile(0.3, 0.5)).toBeCloseTo(Math.sin((Math.PI * 0.3) / 2) ** 2, 12)
})
