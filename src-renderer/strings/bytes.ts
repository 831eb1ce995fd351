const units = ['kB', 'MB', 'GB'] as const

/** Bytes for display, in powers of 1000, as in file managers. */
export function printBytes(bytes: number): string {
  const power = Math.min(units.length, Math.max(1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)))
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power - 1]}`
}
