import { expect, it } from 'vitest'
import { createRescue } from './rescue.ts'

it('loads a page whose process ends at most three times, then only when a person wants it', async () => {
  const told: string[] = []
  const answers = [false, true, false]
  const rescue = createRescue({
    reload: () => void told.push('reload'),
    async ask() {
      told.push('ask')
      return answers.shift() ?? false
    },
  })
  for (let end = 0; end < 8; end++) await rescue()
  const three = ['reload', 'reload', 'reload']
  expect(told).toEqual([...three, 'ask', 'ask', ...three, 'ask'])
})
