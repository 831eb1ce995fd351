import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { drag, header, input, node, output } from './canvas.ts'
import { choose, command, pictureIn, runAndWait } from './controls.ts'
import { stories } from './stories.ts'

const told = stories()

type Theme = 'dark' | 'light'

/** What axe finds serious, by what it is and where. Only colours differ between the themes. */
async function seriousFaults(page: Page, theme: Theme, within: string): Promise<string[]> {
  const axe = new AxeBuilder({ page }).include(within)
  const { violations } = await (theme === 'dark' ? axe : axe.withRules('color-contrast')).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    )
}

/** Controls that are to be seen and smaller than a fingertip; a label counts as part of its box. */
const smallControls = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>(
      'button, a[href], select, input:not([hidden]), [role=button], [role=tab], [role=option], [role=menuitem]',
    )
    return [...all].flatMap((control) => {
      const { width, height } = (control.closest('label, fieldset') ?? control).getBoundingClientRect()
      // What shows nothing is no target; the sign of the canvas's library is a link in a line of text.
      if (
        !control.checkVisibility({ visibilityProperty: true }) ||
        width === 0 ||
        control.closest('.react-flow__attribution')
      )
        return []
      const name = control.getAttribute('aria-label') ?? control.textContent
      return Math.round(width) < 24 || Math.round(height) < 24 ? [`${name}: ${width} x ${height}`] : []
    })
  })

const panels: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'the canvas': async () => undefined,
  'the node panel': async (page) => {
    await header(page, 'Sampler').click()
    await page.getByRole('tab', { name: 'Node' }).click()
    await page.getByRole('tabpanel', { name: 'Node' }).getByText('Help').waitFor()
  },
  'the form': (page) => page.getByRole('tab', { name: 'Form' }).click(),
  'the overview with a problem': async (page) => {
    await drag(page, output(page, 'Checkpoint', 'CLIP'), input(page, 'Sampler', 'Latent'))
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Node' }).click()
    await page.getByText('1 problem').first().waitFor()
  },
  templates: (page) => page.getByRole('button', { name: 'Templates' }).click(),
  'model files': (page) => page.getByRole('button', { name: 'Model files' }).click(),
  gallery: (page) => page.getByRole('button', { name: 'Gallery' }).click(),
  'the menu': (page) => page.getByRole('button', { name: 'Menu', exact: true }).click(),
  'the menu of a node': (page) => header(page, 'Sampler').click({ button: 'right' }),
  'the search': (page) => page.keyboard.press('Shift+A'),
  'the palette': (page) => page.keyboard.press('Control+k'),
  'a list of files': (page) =>
    node(page, 'Checkpoint').getByLabel('File', { exact: true }).and(page.locator('button')).click(),
}

const dialogs: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  Open: (page) => choose(page, 'File', 'Open…'),
  'Save as': (page) => choose(page, 'File', 'Save as…'),
  'Share this workflow': (page) => choose(page, 'File', 'Share…'),
  Settings: (page) => command(page, 'Settings'),
  'Keyboard shortcuts': (page) => command(page, 'Keyboard shortcuts'),
  'Latent Loom': (page) => command(page, 'About Latent Loom'),
  'Link CLIP of Prompt': async (page) => {
    await input(page, 'Prompt', 'CLIP').focus()
    await page.keyboard.press('Enter')
  },
  Picture: (page) => pictureIn(node(page, 'Save Image')).click(),
}

describe.each<Theme>(['dark', 'light'])('in the %s theme', (theme) => {
  test('axe finds nothing serious in any panel', async () => {
    const page = await told.open({ theme })
    await runAndWait(page)
    const faults: string[] = []
    for (const [name, show] of Object.entries(panels)) {
      await show(page)
      faults.push(...(await seriousFaults(page, theme, 'body')).map((fault) => `${name}: ${fault}`))
      await page.keyboard.press('Escape')
    }
    expect(faults).toEqual([])
  })

  test('axe finds nothing serious in any dialog', async () => {
    const page = await told.open({ theme })
    await runAndWait(page)
    const faults: string[] = []
    for (const [name, show] of Object.entries(dialogs)) {
      await show(page)
      const dialog = page.getByRole('dialog', { name })
      await dialog.waitFor()
      faults.push(...(await seriousFaults(page, theme, '[role=dialog]')).map((fault) => `${name}: ${fault}`))
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
    }
    expect(faults).toEqual([])
  })
})

test('every control is at least 24 pixels wide and high', async () => {
  const page = await told.open()
  await runAndWait(page)
  const small: string[] = []
  // Life size.
  await page.getByRole('tab', { name: 'Node' }).click()
  await page.getByRole('navigation', { name: 'Nodes' }).getByRole('button', { name: 'Sampler' }).click()
  await page.getByText('Zoom 100 %').waitFor()
  for (const [name, show] of Object.entries({ ...panels, ...dialogs })) {
    await show(page)
    small.push(...(await smallControls(page)).map((control) => `${name}: ${control}`))
    await page.keyboard.press('Escape')
  }
  expect([...new Set(small)]).toEqual([])
})

test('what has the focus shows it, wherever Tab leads', async () => {
  const page = await told.open()
  await header(page, 'Checkpoint').click()
  const blind: string[] = []
  for (let times = 0; times < 90; times++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return undefined
      const rings = [element, element.firstElementChild, element.parentElement, element.closest('fieldset')]
      const shows = rings.some((ring) => {
        if (!ring) return false
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(ring)
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow.includes('0px 0px 0px')
      })
      return shows ? undefined : `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent}`
    })
    if (found !== undefined) blind.push(found)
  }
  expect([...new Set(blind)]).toEqual([])
})
