import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sanitizePath } from './file-name.ts'
import { fixedFolders, mayName, type NameFacts, outputName, patternList, unknownPatterns } from './output-name.ts'

const facts: NameFacts = {
  when: new Date(2026, 2, 5, 7, 8, 9),
  index: 1,
  width: 512,
  height: 768,
  seed: '18446744073709551615',
  steps: 4,
  guidance: 1.5,
  model: 'sdxl\\dream/shaper',
  solver: 'lcm',
}

/** What each pattern becomes, in ComfyUI's spelling where ComfyUI has it. */
const becomes: Record<string, string> = {
  fox: 'fox',
  '%date%': '2026-03-05',
  '%time%': '07-08-09',
  '%date:yyyy-MM-dd%': '2026-03-05',
  '%date:yy.M.d%': '26.3.5',
  '%date:dd/MM/yyyy%': '05/03/2026',
  '%time:hh_mm_ss%': '07_08_09',
  '%time:h_m_s%': '7_8_9',
  '%date:hhmmss%': '070809',
  '%year%-%month%-%day%': '2026-03-05',
  '%hour%.%minute%.%second%': '07.08.09',
  '%width%x%height%': '512x768',
  'fox %batch_num%': 'fox 1',
  '%seed%': '18446744073709551615',
  '%steps% steps, cfg %cfg%': '4 steps, cfg 1.5',
  '%model%': 'sdxl_dream_shaper',
  '%solver%': 'lcm',
  '%date%/%model%/fox': '2026-03-05/sdxl_dream_shaper/fox',
  // what is no pattern stays
  '100%': '100%',
  '%nothing% %': '%nothing% %',
  '%Seed%': '%Seed%',
  '%seed:4%': '%seed_4%',
  '%constructor%': '%constructor%',
  '%%date%%': '%2026-03-05%',
}

describe('patterns of a file name', () => {
  it.each(Object.entries(becomes))('%s becomes %s', (prefix, name) => {
    expect(outputName(prefix, facts)).toBe(name)
  })

  it('one without a value becomes nothing', () => {
    expect(outputName('fox%seed%%model%', { when: facts.when })).toBe('fox')
    expect(outputName('%seed%', { when: facts.when })).toBe('untitled')
  })

  it('every one is listed', () => {
    for (const name of ['date', 'seed', 'batch_num']) expect(patternList).toContain(`\`%${name}%\``)
  })

  it('the folders before the first one are known', () => {
    const folders: Record<string, string[]> = {
      fox: [],
      'a/b/fox': ['a', 'b'],
      'a/b%seed%/c/fox': ['a'],
      'a/%date%': ['a'],
      '../a/': ['a'],
      '%date%/a/fox': [],
    }
    for (const [prefix, names] of Object.entries(folders))
      expect([prefix, fixedFolders(prefix)]).toEqual([prefix, names])
  })

  it('what only looks like one is found', () => {
    const prefix = '%date% %KSampler.seed% 50%/%Seed%-%date:yyyy% %Seed% 100% %seed:4% %a b%'
    expect(unknownPatterns(prefix)).toEqual(['%KSampler.seed%', '%Seed%', '%seed:4%'])
  })

  it('a file is told to come from its prefix', () => {
    for (const prefix of Object.keys(becomes)) expect(mayName(prefix, outputName(prefix, facts))).toBe(true)
    expect(mayName('%date%/fox', '2026-03-05/cat')).toBe(false)
    expect(mayName('fox', 'fox-red')).toBe(false)
    expect(mayName('a.b+c', 'a.b+c')).toBe(true)
    expect(mayName('a.b', 'axb')).toBe(false)
  })

  it('any prefix gives a path below the folder that stays as it is', () => {
    const nasty = fc.constantFrom(
      '..',
      '/',
      '\\',
      ':',
      '.',
      ' ',
      'con',
      'nul',
      '\0',
      '~',
      '%date%',
      '%date:/../%',
      '%model%',
    )
    const texts = fc.array(fc.oneof(nasty, fc.string({ maxLength: 4 }))).map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        const path = outputName(text, facts)
        expect(posix.resolve('/out', path).startsWith('/out/')).toBe(true)
        expect(win32.resolve('C:\\out', path).startsWith('C:\\out\\')).toBe(true)
        expect(path.split('/').length).toBeLessThanOrEqual(9)
        expect(sanitizePath(path)).toBe(path)
      }),
      { numRuns: 300 },
    )
  })
})
