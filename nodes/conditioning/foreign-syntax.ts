import { LoomError } from '#core/errors.ts'

interface Syntax {
  readonly pattern: RegExp
  /** A word in capitals, which is a common word in a text all of capitals. */
  readonly capitals?: true
  /** What it does elsewhere, as a clause about it. */
  readonly means: string
  /** What does the same here, as a sentence. */
  readonly instead: string
}

/** What prompts of other programs use that is plain text here. Every pattern takes linear time. */
const syntaxes: readonly Syntax[] = [
  {
    pattern: /<(?:lora|lyco|lycoris|hypernet):[^<>]+>/i,
    means: 'loads a file in A1111',
    instead: 'Remove it and put a LoRA node after the Checkpoint.',
  },
  {
    pattern: /(?<![\w-])BREAK(?![\w-])/,
    capitals: true,
    means: 'begins a new chunk in A1111',
    instead: 'Write each part into a Prompt node of its own and join them by Concatenate Conditioning.',
  },
  {
    pattern: /(?<=\s)AND(?=\s)/,
    capitals: true,
    means: 'draws several prompts together in A1111',
    instead: 'Write each part into a Prompt node of its own and join them by Combine Conditioning.',
  },
  {
    pattern: /\[[^[\]|:]*:(?:[^[\]|:]*:)?\s*[\d.]+\s*\]/,
    means: 'changes the prompt on the way in A1111',
    instead: 'Write each part into a Prompt node of its own, with Set Conditioning Range.',
  },
  {
    pattern: /\[[^[\]|]*\|[^[\]]*\]/,
    means: 'alternates between words in A1111',
    instead: 'Write one of them, or mix two Prompt nodes by Average Conditioning.',
  },
  {
    pattern: /(?<!_)__[\w/*-]+?__(?!_)/,
    means: 'is a wildcard, which other programs replace with a line of a file',
    instead: 'Write the words that you want.',
  },
  {
    pattern: /\{[^{}|]*\|[^{}]*\}/,
    means: 'is a choice, of which other programs take one at random',
    instead: 'Write one of them; an X/Y Grid draws several.',
  },
  {
    pattern: /\{\{[^{}]+\}\}/,
    means: 'gives words weight in NovelAI',
    instead: 'Give the weight as a number: (word:1.1).',
  },
]

/**
 * Advice for each syntax of other programs in a text that is read as words here.
 * @param input the input that holds the text
 */
export function adviseOnSyntax(text: string | undefined, input: string): LoomError[] {
  // a backslash makes a character literal in those programs, too
  const plain = text?.replace(/\\./gs, '  ') ?? ''
  const shouted = !/[a-z]/.test(plain)
  return syntaxes.flatMap(({ pattern, capitals, means, instead }) => {
    const found = pattern.exec(plain)?.[0]
    if (found === undefined || (capitals && shouted)) return []
    const message = `"${shortened(found)}" ${means}; here it is read as words.`
    return [new LoomError('unsupported', message, { input, hint: instead })]
  })
}

const mostLetters = 40
const shortened = (text: string): string => (text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text)
