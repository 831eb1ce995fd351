import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import { settings } from '../store/settings.ts'

export type ColorScheme = 'dark' | 'light'

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
const chosen = (): ColorScheme => {
  const { theme } = settings.getState()
  if (theme !== 'system') return theme
  return systemIsDark.matches ? 'dark' : 'light'
}

/** The scheme that is shown: the person's choice, else the system's. */
const colorScheme = createStore<ColorScheme>(chosen)

colorScheme.subscribe(show)
settings.subscribe(() => colorScheme.setState(chosen(), true))
systemIsDark.addEventListener('change', () => colorScheme.setState(chosen(), true))
show()

/** Before anything is drawn, so that the page never flashes in the other scheme. */
function show(): void {
  document.documentElement.dataset.mantineColorScheme = colorScheme.getState()
}

export const useColorScheme = (): ColorScheme => useStore(colorScheme)
