import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'
import { patience } from '../browser/controls.ts'
import { temporaryFolder } from '../golden-networks.ts'

const [deb] = globSync('out/*.deb', { cwd: programFolder })
const needed = ['/usr/sbin/debootstrap', '/usr/bin/dpkg-deb']
const canInstall = process.getuid?.() === 0 && deb !== undefined && needed.every((file) => existsSync(file))

/** A bare Debian 13, whose AppArmor is as new as Ubuntu 24.04's. `DEBIAN` names a folder in which one is kept. */
const root = process.env.DEBIAN ?? join(temporaryFolder(), 'debian')
const home = '/home/artist'

const inside = (command: string, user = 'root'): string =>
  execFileSync('chroot', [`--userspec=${user}`, root, '/usr/bin/env', ...environment(user), 'sh', '-c', command], {
    encoding: 'utf8',
  })
const environment = (user: string) => [
  '-i',
  `HOME=${user === 'root' ? '/root' : home}`,
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'LANG=C.UTF-8',
  'DEBIAN_FRONTEND=noninteractive',
]

describe.skipIf(!canInstall)('the Debian package', () => {
  let window: ChildProcess | undefined

  beforeAll(() => {
    if (!existsSync(join(root, 'usr/bin/apt-get'))) {
      const sources = readFileSync('/etc/apt/sources.list.d/debian.sources', 'utf8')
      const [, mirror = 'http://deb.debian.org/debian'] = /^URIs: (\S+)/m.exec(sources) ?? []
      execFileSync('debootstrap', ['--variant=minbase', 'trixie', root, mirror], { stdio: 'ignore' })
      for (const file of globSync('/etc/apt/apt.conf.d/99*')) copyFileSync(file, join(root, file))
    }
    for (const file of ['/etc/resolv.conf', '/etc/hosts']) copyFileSync(file, join(root, file))
    // no /dev of this machine: whoever removed the folder would remove that too
    execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')])
    mkdirSync(join(root, 'var/tmp'), { recursive: true })
    copyFileSync(join(programFolder, deb ?? ''), join(root, 'var/tmp/latent-loom.deb'))
    inside(`mkdir -p /dev/shm && chmod 1777 /dev/shm
      id artist 2>/dev/null || useradd -m artist; apt-get -qq update
      apt-get -qq install -y --no-install-recommends xvfb xauth apparmor desktop-file-utils shared-mime-info >/dev/null
      apt-get -qq purge -y latent-loom >/dev/null 2>&1 || true
      rm -rf ${home}/.local ${home}/.config ${home}/drawn
      apt-get -qq install -y --no-install-recommends /var/tmp/latent-loom.deb >/dev/null`)
  })

  afterAll(() => {
    window?.kill('SIGKILL')
    execFileSync('umount', ['-l', join(root, 'proc')])
    if (!process.env.DEBIAN) rmSync(root, { recursive: true, force: true })
  })

  it('is whole, and known to the desktop by its type of file and its addresses', () => {
    expect(inside('dpkg --verify latent-loom; echo whole')).toBe('whole\n')
    const entry = readFileSync(join(root, 'usr/share/applications/latent-loom-desktop.desktop'), 'utf8')
    expect(entry).toContain('Exec="/opt/Latent Loom/latent-loom-desktop" %U\n')
    expect(entry).toContain('MimeType=application/vnd.latent-loom.workflow+json;x-scheme-handler/latentloom;\n')
    inside('desktop-file-validate /usr/share/applications/latent-loom-desktop.desktop')
    expect(readFileSync(join(root, 'usr/share/mime/globs2'), 'utf8')).toContain(
      ':application/vnd.latent-loom.workflow+json:*.loom.json\n',
    )
    expect(existsSync(join(root, 'usr/share/icons/hicolor/256x256/apps/latent-loom-desktop.png'))).toBe(true)
  })

  it('brings a profile that AppArmor takes, for the program that uses the sandbox', () => {
    const profile = '/opt/Latent Loom/resources/apparmor-profile'
    expect(readFileSync(join(root, profile), 'utf8')).toMatch(
      /^profile "latent-loom-desktop" "\/opt\/Latent Loom\/latent-loom-desktop" flags=\(unconfined\) \{\n\s*userns,$/m,
    )
    inside(`apparmor_parser --skip-kernel-load --debug '${profile}' >/dev/null`)
  })

  it('has the command line in the PATH, under its own Node', () => {
    expect(inside('latent-loom doctor', 'artist')).toContain('node at           /opt/Latent Loom/resources/node\n')
    inside(
      `cd && latent-loom run '/opt/Latent Loom/resources/program/resources/templates/lcm-lora.loom.json' --set steps=1 --out drawn`,
      'artist',
    )
    expect(readdirSync(join(root, home, 'drawn'))).toEqual(['lcm-lora-00001.png'])
  })

  it('opens its window', async () => {
    // a chroot lets nobody make the namespaces of the sandbox
    const command = 'exec xvfb-run -a latent-loom-desktop --no-sandbox --disable-gpu --remote-debugging-port=0'
    window = spawn('chroot', ['--userspec=artist', root, 'env', ...environment('artist'), 'sh', '-c', `cd; ${command}`])
    let said = ''
    window.stderr?.on('data', (text) => {
      said += text
    })
    const port = () => /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/m.exec(said)?.[1]
    await expect.poll(port, patience).toBeDefined()
    const titles = async () => {
      const pages: { title: string; url: string }[] = await (await fetch(`http://127.0.0.1:${port()}/json`)).json()
      return pages.map(({ title, url }) => `${title} ${new URL(url).hostname}`)
    }
    await expect.poll(titles, patience).toEqual([expect.stringMatching(/^.*Latent Loom.* (127\.0\.0\.1|localhost)$/)])
    inside('pkill -x latent-loom-des || kill $(pidof latent-loom-desktop)')
  })

  it('leaves with all that it brought, and leaves what is the person’s', () => {
    const data = join(root, home, '.local/share/latent-loom')
    const kept = readdirSync(data)
    expect(kept).not.toEqual([])
    inside('apt-get -qq purge -y latent-loom >/dev/null')
    const left = [
      'opt/Latent Loom',
      'usr/bin/latent-loom',
      'usr/bin/latent-loom-desktop',
      'etc/apparmor.d/latent-loom-desktop',
    ]
    expect(left.filter((path) => existsSync(join(root, path)))).toEqual([])
    expect(readFileSync(join(root, 'usr/share/mime/globs2'), 'utf8')).not.toContain('latent-loom')
    expect(readdirSync(data)).toEqual(kept)
    expect(readdirSync(join(root, home, 'drawn'))).toEqual(['lcm-lora-00001.png'])
  })
})
