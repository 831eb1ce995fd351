const broken = new Set<HTMLLinkElement>()

/** Records style sheets that fail to load. */
export function watchStyles(): void {
  const remember = ({ target }: Event) => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') broken.add(target)
  }
  // load errors do not bubble, so listen in the capture phase
  window.addEventListener('error', remember, true)
}

/** Loads failed style sheets again, because a second import of their module does not. */
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
