import { type PanZoom, panned, whole, zoomed } from './pan-zoom.ts'

/** Movement of the picture per arrow key, as a fraction of its frame. */
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

/** The change of the view for a key, as an alternative to wheel and dragging. */
export const viewChange = ({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>) =>
  changes[shiftKey && key.startsWith('Arrow') ? `shift+${key}` : key]
