/** Ignores the click that the browser makes of the release of a pressed button, because the press was given up. */
export function ignoreRelease(): void {
  const ignore = (event: Event): void => event.stopPropagation()
  addEventListener('click', ignore, true)
  // the click comes with the release or not at all
  addEventListener('pointerup', () => setTimeout(() => removeEventListener('click', ignore, true)), { once: true })
}
