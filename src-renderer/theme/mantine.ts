import { type CSSVariablesResolver, createTheme } from '@mantine/core'
import { t } from '../strings/t.ts'

/** Mantine's blue is our accent colour. */
const both = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-dim)',
  '--mantine-color-placeholder': 'var(--text-dim)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-default': 'var(--surface-raised)',
  '--mantine-color-default-hover': 'var(--surface-sunken)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-disabled': 'var(--surface-sunken)',
  '--mantine-color-disabled-color': 'var(--text-dim)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-color-blue-filled': 'var(--accent-fill)',
  '--mantine-color-blue-filled-hover': 'color-mix(in srgb, var(--accent-fill) 88%, var(--text))',
  '--mantine-color-blue-light': 'color-mix(in srgb, var(--accent) 16%, transparent)',
  '--mantine-color-blue-light-hover': 'color-mix(in srgb, var(--accent) 24%, transparent)',
  '--mantine-color-blue-light-color': 'var(--accent)',
  '--mantine-color-blue-outline': 'var(--accent)',
  '--mantine-color-blue-text': 'var(--accent)',
}

/** Our design tokens as Mantine's CSS variables. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--mantine-line-height': '1.4' },
  dark: both,
  light: both,
})

/** A dense theme with 12 px text and 24 px controls. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  fontSizes: { xs: 'var(--text-s)', sm: 'var(--text-m)', md: 'var(--text-m)', lg: 'var(--text-l)', xl: '16px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: 'var(--radius)', md: 'var(--radius)', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'compact-sm' } },
    ActionIcon: { defaultProps: { size: 24, variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 80 },
        overlayProps: { backgroundOpacity: 0.5 },
        closeButtonProps: { 'aria-label': t('shell.dialogs.close') },
      },
    },
    Menu: { defaultProps: { shadow: 'md', withInitialFocusPlaceholder: false, transitionProps: { duration: 80 } } },
    Tooltip: { defaultProps: { openDelay: 500, withArrow: false } },
  },
})
