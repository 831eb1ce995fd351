/** The end of a process's output, bounded however much it prints. */
export interface LogTail {
  append(text: string): void
  /** The last `limit` characters. */
  text(): string
  /** The last line outside a stack trace, cut to 300 characters; '' if there is none. */
  lastLine(): string
}

/** Drops the indented lines of a stack trace and the Node version below it. */
const speaking = /^(?!Node\.js v)\S.*$/gm

export function createLogTail(limit = 64 * 1024): LogTail {
  let tail = ''
  return {
    append(text) {
      tail += text
      // sliced in batches, so that a flood of short writes does not copy the tail every time
      if (tail.length > 2 * limit) tail = tail.slice(-limit)
    },
    text: () => tail.slice(-limit),
    lastLine: () => tail.slice(-limit).match(speaking)?.at(-1)?.slice(0, 300) ?? '',
  }
}
