import { Worker } from 'node:worker_threads'

/** Milliseconds in which the process may end by itself once its parent is gone. */
const grace = 2_000

/** Its own thread, because native code may keep the main thread busy for minutes. Text, because a build is one file. */
const watch = `
  const { Socket } = require('node:net')
  new Socket({ fd: 0 })
    .on('error', () => {})
    .on('close', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${grace}))
    .resume()
`

/** Ends this process soon after the one that holds the other end of its stdin, however that one ended. */
export function endWithParent(): void {
  // it prints nothing; forwarding that would make this process's stdout non-blocking, and native libraries lose lines
  new Worker(watch, { eval: true, stdout: true, stderr: true }).unref()
}
