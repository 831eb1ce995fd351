import { MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { useColorScheme } from './theme/color-scheme.ts'
import { cssVariables, theme } from './theme/mantine.ts'
import { Boundary } from './ui/boundary.tsx'

/** What every page of the program stands in. */
export function App({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={useColorScheme()}>
      <Boundary>{children}</Boundary>
    </MantineProvider>
  )
}
