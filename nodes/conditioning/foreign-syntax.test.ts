import { describe, expect, it } from 'vitest'
import { adviseOnSyntax } from './foreign-syntax.ts'

const said = (text: string) => adviseOnSyntax(text, 'text').map(({ message }) => message)

describe('the syntax of other programs in a prompt is advised on, not silent', () => {
  it.each([
    ['a fox <lora:detail:0.8>, forest', '"<lora:detail:0.8>" loads a file in A1111'],
    ['a fox <LORA:my lora v1.0:1:0.5>', '"<LORA:my lora v1.0:1:0.5>" loads a file in A1111'],
    ['<lyco:style:1> a fox', '"<lyco:style:1>" loads a file in A1111'],
    ['<hypernet:old:0.7> a fox', '"<hypernet:old:0.7>" loads a file in A1111'],
    ['a fox\nBREAK\na castle', '"BREAK" begins a new chunk in A1111'],
    ['a fox, BREAK, a castle', '"BREAK" begins a new chunk in A1111'],
    ['a fox AND a castle :0.5', '"AND" draws several prompts together in A1111'],
    ['a [fox:cat:0.5] runs', '"[fox:cat:0.5]" changes the prompt on the way in A1111'],
    ['a fox [in snow:10]', '"[in snow:10]" changes the prompt on the way in A1111'],
    ['a fox [in snow::10]', '"[in snow::10]" changes the prompt on the way in A1111'],
    ['a [fox|cat] runs', '"[fox|cat]" alternates between words in A1111'],
    [
      'a __animal__ in __places/city__',
      '"__animal__" is a wildcard, which other programs replace with a line of a file',
    ],
    ['a {fox|cat|owl} runs', '"{fox|cat|owl}" is a choice, of which other programs take one at random'],
    ['a {2$$fox|cat} runs', '"{2$$fox|cat}" is a choice, of which other programs take one at random'],
    ['a {{fluffy}} fox', '"{{fluffy}}" gives words weight in NovelAI'],
  ])('%s', (text, means) => {
    expect(said(text)).toEqual([`${means}; here it is read as words.`])
  })

  it.each([
    'a fox, (fluffy:1.2), embedding:good, [red] and {blue}',
    'BREAK THE CHAINS AND RUN',
    'breakfast and brandy, snake_case and __init',
    String.raw`a \{fox\|cat\}, \[a:b:0.5\]`,
    'a ratio of 3:2 [wide]',
    '',
  ])('%s has none', (text) => {
    expect(said(text)).toEqual([])
  })

  it('says each once, with what to do here', () => {
    const advice = adviseOnSyntax('<lora:a:1> <lora:b:1> fox BREAK __x__', 'text2')
    expect(advice.map(({ input, hint }) => [input, hint])).toEqual([
      ['text2', 'Remove it and put a LoRA node after the Checkpoint.'],
      ['text2', 'Write each part into a Prompt node of its own and join them by Concatenate Conditioning.'],
      ['text2', 'Write the words that you want.'],
    ])
  })

  it.each(['[', '{', '<lora:', '__a', '[:', '{|', 'AND ', '[a|', '{{'])('takes no longer for many of %s', (part) => {
    const text = part.repeat(100_000 / part.length)
    // quadratic time would take minutes
    expect(said(text).length).toBeLessThan(2)
  })
})
