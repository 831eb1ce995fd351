/** The page's `--canvas`, so that nothing flashes before its first paint. */
export const backgrounds = { dark: '#17181b', light: '#eceef1' } as const
