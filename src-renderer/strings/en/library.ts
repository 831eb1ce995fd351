/** Texts of templates and model files. */
export const library = {
  templates: {
    open: 'Open in a new tab',
  },
  files: {
    search: 'Find a file',
    count_one: '{{count}} file',
    count_other: '{{count}} files',
    refresh: 'Look again',
    none: 'No file has this name.',
    silent: 'Not answering, so its files are missing here: {{folders}}',
    add: 'Add {{name}} to the workflow',
    embedding: 'Add {{words}} to the prompt of the selected node',
    whichPrompt: 'Select the prompt that {{words}} goes into, then press the file again.',
    inPrompt: '{{words}} is in the prompt now.',
  },
} as const
