import { nativeImage, type WebContents } from 'electron'

/** Pixels of the longer side of what is seen under the pointer. */
const shown = 96

/** Drags a picture's file out of the page. */
export function dragFile(page: WebContents, file: string): void {
  const picture = nativeImage.createFromPath(file)
  const { width, height } = picture.getSize()
  const icon = picture.resize(width > height ? { width: shown } : { height: shown })
  page.startDrag({ file, icon })
}
