const broken = new Set<HTMLLinkElement>()

/** Remembers the style sheets that do not arrive. */
export function watchStyles(): void {
  const remember = ({ target }: Event) => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') broken.add(target)
  }
  // Such an event reaches the window on its way down alone.
  window.addEventListener('error', remember, true)
}

/** Asks again for the style sheets that did not arrive, which a second import of what they belong to does not. */
export async function mendStyles(): Promise<void> {
  await Promise.all([...broken].map(mend))
}

function mend(link: HTMLLinkElement): Promise<void> {
  broken.delete(link)
  const again = document.createElement('link')
  again.rel = 'stylesheet'
  again.crossOrigin = link.crossOrigin
  again.href = link.href
  return new Promise((resolve, reject) => {
    again.onload = () => resolve()
    again.onerror = () => reject(new Error(`${link.href} did not arrive.`))
    link.replaceWith(again)
  })
}
