import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

/**
 * Holds previews until the next animation frame and passes on only the newest of each node, so that a fast sampler does
 * not cause useless rendering.
 */
export function newestFrames(show: (frame: PreviewFrame) => void, nextFrame: (run: () => void) => void) {
  const held = new Map<string, PreviewFrame>()
  return (frame: PreviewFrame): void => {
    if (held.size === 0) {
      nextFrame(() => {
        const frames = [...held.values()]
        held.clear()
        frames.forEach(show)
      })
    }
    held.set(`${frame.job} ${frame.node}`, frame)
  }
}
