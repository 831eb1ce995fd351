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

/** The colour scheme: that of the settings, or else of the system. */
const colorScheme = createStore<ColorScheme>(chosen)

colorScheme.subscribe(show)
settings.subscribe(() => colorScheme.setState(chosen(), true))
systemIsDark.addEventListener('change', () => colorScheme.setState(chosen(), true))
show()

/** Applies the scheme. Called before the first render, so that the page does not flash. */
function show(): void {
  document.documentElement.dataset.mantineColorScheme = colorScheme.getState()
}

export const useColorScheme = (): ColorScheme => useStore(colorScheme)
