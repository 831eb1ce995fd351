import type { BrowserWindow, Display, Rectangle } from 'electron'
import type { Kept, KeptState, Place } from './kept.ts'

/** Sets of displays that are remembered. */
const maxSets = 20

/** Pixels of a window's upper edge that have to be seen, so that it can be moved. */
const grip = { width: 120, height: 40 }

const usual = { width: 1440, height: 900 }

/** The place where a window opens; without `x` and `y` the system chooses. */
export interface Opening {
  readonly bounds: { readonly x?: number; readonly y?: number; readonly width: number; readonly height: number }
  readonly maximized: boolean
  readonly fullScreen: boolean
}

type Screen = Pick<Display, 'bounds' | 'workArea' | 'scaleFactor'>

/** Names a set of displays: laptop alone, laptop beside the monitor, and so on. */
export const setOf = (displays: readonly Screen[]): string =>
  displays
    .map(({ bounds: { x, y, width, height }, scaleFactor }) => `${width}x${height}+${x}+${y}@${scaleFactor}`)
    .sort()
    .join(' ')

/** Where the window was with these displays, if one of them still shows it. */
export function openingFor({ places }: Pick<KeptState, 'places'>, displays: readonly Screen[]): Opening {
  const place = places[setOf(displays)]
  if (!place) return { bounds: usual, maximized: false, fullScreen: false }
  const { maximized, fullScreen, ...bounds } = place
  const seen = displays.some(({ workArea }) => shows(workArea, bounds))
  return { bounds: seen ? bounds : usual, maximized, fullScreen }
}

function shows(area: Rectangle, { x, y, width }: Rectangle): boolean {
  const across = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return across >= grip.width && y >= area.y && y + grip.height <= area.y + area.height
}

/** The places with one more. The set that was not used for the longest time is forgotten. */
export function withPlace(places: KeptState['places'], displays: readonly Screen[], place: Place): KeptState['places'] {
  const { [setOf(displays)]: _, ...others } = places
  return Object.fromEntries([...Object.entries(others), [setOf(displays), place]].slice(-maxSets))
}

/** Milliseconds without a change after which a place is kept. */
const settled = 500

/** Remembers where a window is whenever it has come to rest, and when it closes. */
export function keepPlace(window: BrowserWindow, kept: Kept, displays: () => readonly Screen[]): void {
  let due: NodeJS.Timeout | undefined
  const keep = () => {
    clearTimeout(due)
    const place = { ...window.getNormalBounds(), maximized: window.isMaximized(), fullScreen: window.isFullScreen() }
    kept.change({ places: withPlace(kept.state.places, displays(), place) })
  }
  const later = () => {
    clearTimeout(due)
    due = setTimeout(keep, settled)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', keep)
  window.on('closed', () => clearTimeout(due))
}
