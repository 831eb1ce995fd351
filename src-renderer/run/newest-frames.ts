import type { PreviewFrame } from '#core/protocol/preview-frame.ts'

/**
 * Holds previews back until the next frame is drawn and hands over the newest of each node alone, so that a fast sampler does not
 * make the page draw what nobody sees.
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
