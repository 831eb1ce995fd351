import { expect, test } from 'vitest'
import { changed, link, node, template, withInputs, workflowOf } from '#test/workflow/documents.ts'
import { aboutRun } from '../../src-renderer/run/about-run.ts'

const known = new Map()

test.each([
  ['the prompt and the seed', template('lcm-lora'), { prompt: 'a fox on a blue background', seed: '42' }],
  [
    'a prompt in one line',
    withInputs('lcm-lora', 'prompt', { text: ' a fox,\n\n  an owl ' }),
    { prompt: 'a fox, an owl', seed: '42' },
  ],
  [
    'a long prompt up to its beginning',
    withInputs('lcm-lora', 'prompt', { text: 'fox '.repeat(200) }),
    { prompt: 'fox '.repeat(75), seed: '42' },
  ],
  ['no prompt where none is', withInputs('lcm-lora', 'prompt', { text: '' }), { seed: '42' }],
  [
    'the first cell of a grid',
    changed('lcm-lora', {
      grid: node('xy-grid', { image: link('decode', 'image'), x: 'sampler.seed', xValues: '5, 6' }),
      save: node('save-image', { image: link('grid', 'image') }),
    }),
    { prompt: 'a fox on a blue background', seed: '5' },
  ],
  [
    'the first cell of a grid of grids',
    changed('lcm-lora', {
      grid: node('xy-grid', { image: link('decode', 'image'), x: 'sampler.seed', xValues: '5, 6' }),
      outer: node('xy-grid', { image: link('grid', 'image'), y: 'prompt.text', yValues: 'an owl\na cat' }),
      save: node('save-image', { image: link('outer', 'image') }),
    }),
    { prompt: 'an owl', seed: '5' },
  ],
  [
    'nothing of a run that draws nothing',
    workflowOf({
      load: node('load-image', { file: 'a.png' }),
      save: node('save-image', { image: link('load', 'image') }),
    }),
    undefined,
  ],
  ['nothing of a run with problems', workflowOf({ save: node('save-image', {}) }), undefined],
])('a job tells %s', (_, workflow, about) => {
  expect(aboutRun(workflow, known)).toEqual(about)
})
