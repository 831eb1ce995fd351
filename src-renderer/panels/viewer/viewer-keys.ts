import { type PanZoom, panned, whole, zoomed } from './pan-zoom.ts'

/** How far an arrow moves the picture, as a part of its frame. */
const step = 0.1

const changes: Readonly<Record<string, (view: PanZoom) => PanZoom>> = {
  '+': (view) => zoomed(view, 1.25),
  '=': (view) => zoomed(view, 1.25),
  '-': (view) => zoomed(view, 0.8),
  '0': () => whole,
  'shift+ArrowLeft': (view) => panned(view, step, 0),
  'shift+ArrowRight': (view) => panned(view, -step, 0),
  'shift+ArrowUp': (view) => panned(view, 0, step),
  'shift+ArrowDown': (view) => panned(view, 0, -step),
}

/** What a key does to the view: what the wheel and dragging do. */
export const viewChange = ({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>) =>
  changes[shiftKey && key.startsWith('Arrow') ? `shift+${key}` : key]
