import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { canvas, drag, field, header, input, node, onCanvas, output } from './canvas.ts'
import { choose, command, patience, pictureIn, runAndWait } from './controls.ts'
import { stories } from './stories.ts'

const told = stories()

/** What axe finds serious in each theme, by what it is and where. Only colours differ between the themes. */
async function seriousFaults(page: Page, within: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const found: string[] = []
  for (const [theme, rules] of [
    ['dark', undefined],
    ['light', ['color-contrast']],
  ] as const) {
    await page.emulateMedia({ colorScheme: theme })
    await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor()
    await page.evaluate(fadesEnd)
    const { violations } = await page.evaluate(
      ([selector, runOnly]) =>
        (window as unknown as { axe: typeof axe }).axe.run(selector, {
          resultTypes: ['violations'],
          ...(runOnly && { runOnly: [...runOnly] }),
        }),
      [within, rules] as const,
    )
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    for (const { id, nodes } of serious) {
      found.push(...nodes.map(({ target, failureSummary }) => `${theme}: ${id} ${target.join(' ')}: ${failureSummary}`))
    }
  }
  return found
}

/** Waits in the page until its colours stay as they are. */
const fadesEnd = () =>
  Promise.allSettled(
    document
      .getAnimations()
      .filter((animation) => animation instanceof CSSTransition)
      .map(({ finished }) => finished),
  )

/** Controls that are to be seen within something and smaller than a fingertip; a label counts as part of its box. */
const smallControls = (page: Page, within: string): Promise<string[]> =>
  page.evaluate((selector) => {
    const kinds = 'button, a[href], select, input, [role=button], [role=tab], [role=option], [role=menuitem]'
    return [...document.querySelectorAll(kinds)].flatMap((control) => {
      const { width, height } = (control.closest('label, fieldset') ?? control).getBoundingClientRect()
      const seen = control.checkVisibility({ visibilityProperty: true }) && width > 0 && control.matches(selector)
      return !seen || (width > 23.5 && height > 23.5)
        ? []
        : [`${control.ariaLabel ?? control.textContent}: ${width} x ${height}`]
    })
  }, within)

/** Controls outside the canvas, or of a dialog if one is open, that scrolling does not bring where they can be pressed. */
const unreachedControls = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const kinds = 'button, a[href], select, input, textarea, [role=button], [role=tab], [role=option], [role=menuitem]'
    const shown = document.querySelector('[role=dialog][aria-modal=true]') ?? document
    return [...shown.querySelectorAll(kinds)].flatMap((control) => {
      if (!control.checkVisibility({ visibilityProperty: true }) || control.closest('.react-flow__viewport')) return []
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      const label = control instanceof HTMLInputElement ? control.labels?.[0] : undefined
      const pressed = label ?? control.closest('fieldset') ?? control
      const { left, right, top, bottom } = pressed.getBoundingClientRect()
      const hit = document.elementFromPoint(
        (Math.max(0, left) + Math.min(innerWidth, right)) / 2,
        (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2,
      )
      return pressed.contains(hit) ? [] : [`${control.ariaLabel ?? control.textContent}: ${left}, ${top}`]
    })
  })

/** How each panel is shown. */
const panels: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'the canvas': async () => undefined,
  'the node panel': async (page) => {
    await header(page, 'Sampler').click()
    await page.getByRole('tab', { name: 'Node' }).click()
    await page.getByRole('tabpanel', { name: 'Node' }).getByText('Help').waitFor()
  },
  'the form': async (page) => {
    await page.getByRole('tab', { name: 'Form' }).click()
    await page.getByRole('tabpanel', { name: 'Form' }).waitFor()
  },
  'the overview with a problem': async (page) => {
    await drag(page, output(page, 'Checkpoint', 'CLIP'), input(page, 'Sampler', 'Latent'))
    await page.keyboard.press('Escape')
    await page.getByRole('tab', { name: 'Node' }).click()
    await page.getByText('1 problem').first().waitFor()
  },
  templates: (page) => showLeft(page, 'Templates'),
  'model files': (page) => showLeft(page, 'Model files'),
  gallery: (page) => showLeft(page, 'Gallery'),
  'the menu': async (page) => {
    await page.getByRole('button', { name: 'Menu', exact: true }).click()
    await page.getByRole('menuitem').first().waitFor()
  },
  'the menu of a node': async (page) => {
    await header(page, 'Sampler').click({ button: 'right' })
    await page.getByRole('menuitem').first().waitFor()
  },
  'the search': async (page) => {
    await page.keyboard.press('Shift+A')
    await page.getByRole('dialog', { name: 'Add a node' }).getByRole('option').first().waitFor()
  },
  'the palette': async (page) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Commands' }).waitFor()
  },
  'a list of files': async (page) => {
    await field(page, 'Checkpoint', 'File').click()
    await page.getByRole('listbox').getByRole('option').first().waitFor()
  },
}

/** Where in the page a panel is, if it leaves the rest as it was. */
const places: Readonly<Partial<Record<keyof typeof panels, string>>> = {
  'the node panel': '[role=tabpanel]',
  'the form': '[role=tabpanel]',
  templates: 'section[aria-label]',
  'model files': 'section[aria-label]',
  gallery: 'section[aria-label]',
  'the menu': '[role=menu]',
  'the menu of a node': '[role=menu]',
  'the search': '[role=dialog]',
  'the palette': '[role=dialog]',
}

async function showLeft(page: Page, panel: string): Promise<void> {
  await page.getByRole('button', { name: panel }).click()
  await page.getByRole('region', { name: panel }).getByRole('button').nth(1).waitFor()
}

const dialogs: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  Open: (page) => choose(page, 'File', 'Open…'),
  'Save as': (page) => choose(page, 'File', 'Save as…'),
  'Share this workflow': (page) => choose(page, 'File', 'Share…'),
  Settings: (page) => command(page, 'Settings'),
  'Libraries for NVIDIA cards': async (page) => {
    await command(page, 'Settings')
    await page.getByRole('button', { name: 'Set up CUDA…' }).click()
  },
  'Keyboard shortcuts': (page) => command(page, 'Keyboard shortcuts'),
  'Latent Loom': (page) => command(page, 'About Latent Loom'),
  'Link CLIP of Prompt': async (page) => {
    await input(page, 'Prompt', 'CLIP').focus()
    await page.keyboard.press('Enter')
  },
  'lcm-lora-': (page) => pictureIn(node(page, 'Save Image')).click(),
}

/** Shows each panel in turn; gives what is found in any. */
async function inPanels(page: Page, look: (place: string) => Promise<string[]>): Promise<string[]> {
  const found: string[] = []
  for (const [name, show] of Object.entries(panels)) {
    await show(page)
    found.push(...(await look(places[name] ?? 'body')).map((fault) => `${name}: ${fault}`))
    await page.keyboard.press('Escape')
  }
  return found
}

/** Opens each dialog in turn; gives what is found in any. */
async function inDialogs(page: Page, look: () => Promise<string[]>): Promise<string[]> {
  const found: string[] = []
  for (const [name, show] of Object.entries(dialogs)) {
    await show(page)
    const dialog = page.getByRole('dialog', { name })
    await dialog.waitFor()
    found.push(...(await look()).map((fault) => `${name}: ${fault}`))
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
  }
  return found
}

test('axe finds nothing serious in any panel, in either theme', async () => {
  const page = await told.open()
  await runAndWait(page)
  expect(await inPanels(page, (place) => seriousFaults(page, place))).toEqual([])
})

test('axe finds nothing serious in any dialog, in either theme', async () => {
  const page = await told.open()
  await runAndWait(page)
  expect(await inDialogs(page, () => seriousFaults(page, '[role=dialog]'))).toEqual([])
})

/** Templates that together have fields, kinds of links and lists of every sort. */
const shown = ['LoRA Stack', 'X/Y Grid', 'Regions', 'Cut out', 'Merge two models']

test('axe finds nothing serious on nodes of every sort, in either theme', async () => {
  const page = await told.open({ viewport: { width: 1920, height: 1080 } })
  const found: string[] = []
  for (const name of shown) {
    await page.getByRole('button', { name: 'Templates', exact: true }).click()
    await page.getByRole('region').getByRole('button', { name }).first().click()
    await page.getByRole('button', { name: 'Close Templates' }).click()
    await page.getByRole('button', { name: 'Show everything' }).click()
    const picker = page.getByRole('button', { name: /^(LoRA 3|X input)/ })
    if (await picker.count()) {
      await picker.first().press('Enter')
      await page.getByRole('listbox').getByRole('option').first().waitFor()
    }
    found.push(...(await seriousFaults(page, 'body')).map((fault) => `${name}: ${fault}`))
    await page.keyboard.press('Escape')
  }
  expect(found).toEqual([])
})

test('every control is at least 24 pixels wide and high', async () => {
  const page = await told.open()
  await runAndWait(page)
  // What lies on the canvas is as large as the canvas is near; the sign of its library is a link in a line of text.
  const look = () => smallControls(page, ':not(.react-flow__viewport *, .react-flow__attribution *)')
  const small = [...(await inDialogs(page, look)), ...(await inPanels(page, look))]
  // the overview is shown while nothing is selected
  const corner = await onCanvas(page, 20, 20)
  await page.mouse.click(corner.x, corner.y)
  await page.getByRole('tab', { name: 'Node' }).click()
  await page.getByRole('navigation', { name: 'Nodes' }).getByRole('button', { name: 'Sampler' }).click()
  await page.getByText('Zoom 100 %').waitFor()
  small.push(...(await smallControls(page, '.react-flow__viewport *')))
  expect([...new Set(small)]).toEqual([])
})

test('at a browser zoom of 200 %, every control is reached, and the active tab is seen', async () => {
  const page = await told.open({ viewport: { width: 640, height: 400 } })
  const found: string[] = []
  const look = async (name: string) =>
    found.push(...(await unreachedControls(page)).map((fault) => `${name}: ${fault}`))
  await look('the page')
  for (const panel of ['Templates', 'Model files', 'Gallery']) {
    await page.getByRole('button', { name: panel, exact: true }).click()
    await page.getByRole('region', { name: panel }).waitFor()
    await look(panel)
  }
  await page.getByRole('button', { name: '0 jobs in the queue' }).click()
  for (const panel of ['Node', 'Form', 'Queue']) {
    await page.getByRole('tab', { name: panel }).click()
    await look(panel)
  }
  await canvas(page).press('Control+a')
  await look('the bar, in a narrow canvas')
  await page.getByRole('button', { name: 'Hide the side panel' }).click()
  await look('the bar')
  for (const name of ['Open', 'Save as', 'Share this workflow', 'Settings', 'Keyboard shortcuts']) {
    await dialogs[name]?.(page)
    await page.getByRole('dialog', { name }).waitFor()
    await look(name)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name }).waitFor({ state: 'hidden' })
  }
  expect(found).toEqual([])

  const tabs = page.getByRole('navigation', { name: 'Open documents' })
  const active = tabs.locator('[aria-current=page]')
  const isSeen = async () => {
    const [strip, tab] = [await tabs.getByRole('list').boundingBox(), await active.boundingBox()]
    return strip && tab && tab.x >= strip.x - 1 && tab.x + tab.width <= strip.x + strip.width + 1
  }
  for (const keys of ['Alt+n', 'Alt+n', 'Alt+n', 'Alt+n', 'Alt+PageDown', 'Alt+PageDown', 'Alt+PageUp']) {
    await page.keyboard.press(keys)
    await expect.poll(isSeen, patience).toBe(true)
  }
})

test('what has the focus shows it, wherever Tab leads', async () => {
  const page = await told.open()
  await canvas(page).press('Enter')
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
