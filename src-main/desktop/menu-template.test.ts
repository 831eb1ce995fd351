import { expect, it } from 'vitest'
import type { DesktopMenu } from '#core/protocol/desktop.ts'
import { menuTemplate } from './menu-template.ts'

const menus: DesktopMenu[] = [
  {
    label: 'File',
    items: [
      { kind: 'action', action: 'file.save', label: 'Save', enabled: true, accelerator: 'CmdOrCtrl+S' },
      { kind: 'documents', label: 'Open recent', documents: [{ id: 'd1', label: 'Cats & dogs' }] },
    ],
  },
  { label: 'Edit', items: [{ kind: 'action', action: 'edit.undo', label: 'Undo', enabled: false }] },
  { label: 'Help', items: [] },
]

function build(mac: boolean) {
  const template = menuTemplate(menus, { perform() {}, open() {} }, { name: 'Latent Loom', mac })
  return { template, named: template.map(({ label, role }) => label ?? role) }
}

it("has the page's menus, and Quit below File", () => {
  const { named, template } = build(false)
  expect(named).toEqual(['File', 'Edit', 'Help'])
  expect(template[0]?.submenu).toMatchObject([
    { label: 'Save', enabled: true, accelerator: 'CmdOrCtrl+S', registerAccelerator: false },
    { label: 'Open recent', submenu: [{ label: 'Cats && dogs' }] },
    { type: 'separator' },
    { role: 'quit' },
  ])
})

it("has the program's own menu first on a Mac, and Window before Help", () => {
  const { named, template } = build(true)
  expect(named).toEqual(['Latent Loom', 'File', 'Edit', 'windowMenu', 'Help'])
  expect(template.at(-1)).toMatchObject({ label: 'Help', role: 'help' })
  expect(JSON.stringify(template[1])).not.toContain('quit')
})
