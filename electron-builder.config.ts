import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Configuration } from 'electron-builder'
import { slim } from './scripts/pack/slim.ts'

const root = import.meta.dirname
/** Where releases are, as `owner/name` on GitHub. Without it the program looks for no updates. */
const [owner, repo] = process.env.GITHUB_REPOSITORY?.split('/') ?? []
/** An Electron that is here already, else electron-builder fetches the one of package.json. */
const electron = process.env.ELECTRON

const channel = process.platform === 'darwin' ? `latest-${process.arch}` : 'latest'

/** The newest part of the changelog, which an update shows before it asks. */
const releaseNotes =
  readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
    .split(/^## .*$/m)[1]
    ?.trim() ?? ''

const workflow = { name: 'Latent Loom workflow', description: 'Latent Loom workflow', role: 'Editor' } as const
const workflowType = 'application/vnd.latent-loom.workflow+json'

/**
 * How the desktop program is packed, by `npm run dist`. Linux x64 is built and tested (`npm run test:dist`). Windows, macOS,
 * the AppImage and other processors have never been built: their part is only checked against electron-builder's schema.
 */
const config: Configuration = {
  appId: 'io.github.latent-loom',
  productName: 'Latent Loom',
  copyright: 'Copyright © 2026 The Latent Loom authors',
  directories: { output: 'out', buildResources: 'out/icons' },
  // the archive has the window alone; what runs in Node is staged beside it
  files: ['dist/window/*.cjs', 'package.json', '!node_modules'],
  extraResources: [{ from: 'out/stage', to: '.' }],
  extraMetadata: {
    productName: 'Latent Loom',
    desktopName: 'latent-loom-desktop.desktop',
    homepage: owner ? `https://github.com/${owner}/${repo}` : 'https://latent-loom.invalid',
  },
  asar: true,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills it in
  artifactName: '${name}-${version}-${os}-${arch}.${ext}',
  npmRebuild: false,
  afterPack: ({ appOutDir }) => slim(appOutDir),
  electronLanguages: ['en-US', 'en'],
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    // of macOS and Windows; on Linux nothing checks it
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  ...(electron && { electronDist: dirname(electron) }),
  protocols: { name: 'Latent Loom', schemes: ['latentloom'] },
  // each processor of a Mac has its own file of news, because each is built on its own machine
  publish: owner && repo ? { provider: 'github', owner, repo, channel } : null,
  releaseInfo: { releaseNotes },

  linux: {
    // `latent-loom` is the command line
    executableName: 'latent-loom-desktop',
    syncDesktopName: true,
    target: ['AppImage', 'deb'],
    category: 'Graphics',
    icon: 'out/icons/icons',
    maintainer: 'The Latent Loom authors <maintainers@latent-loom.invalid>',
    mimeTypes: [workflowType],
  },
  // the runtime that brings its own FUSE
  toolsets: { appimage: '1.0.3' },
  deb: {
    packageName: 'latent-loom',
    compression: 'xz',
    synopsis: 'node editor for few-step image generation',
    priority: 'optional',
    packageCategory: 'graphics',
    depends: ['libgtk-3-0 | libgtk-3-0t64', 'libnss3', 'libgbm1', 'libasound2 | libasound2t64', 'xdg-utils'],
    recommends: ['libnotify4', 'libsecret-1-0'],
    // the type of file is ours, because electron-builder's knows no base type
    fpm: [
      'LICENSE=/usr/share/doc/latent-loom/copyright',
      'packaging/linux/latent-loom.xml=/usr/share/mime/packages/latent-loom.xml',
      'packaging/linux/latent-loom.sh=/usr/bin/latent-loom',
      `src-renderer/public/icon.svg=/usr/share/icons/hicolor/scalable/mimetypes/${workflowType.replace('/', '-')}.svg`,
    ],
  },

  win: { target: ['nsis', 'zip'], icon: 'out/icons/icon.ico' },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    deleteAppDataOnUninstall: false,
    include: 'packaging/windows/installer.nsh',
  },

  mac: {
    target: ['dmg', 'zip'],
    icon: 'out/icons/icon.icns',
    category: 'public.app-category.graphics-design',
    hardenedRuntime: true,
    // without a certificate it is signed for nobody, else Apple silicon does not start it
    identity: process.env.CSC_LINK ? undefined : '-',
    // macOS knows no ending of two parts, so it offers the program for JSON files and prefers it for none
    fileAssociations: [{ ...workflow, ext: 'json', rank: 'Alternate' }],
  },
}

export default config
