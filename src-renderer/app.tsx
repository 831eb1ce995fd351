import { MantineProvider } from '@mantine/core'
import { Shell } from './shell/shell.tsx'
import { useColorScheme } from './theme/color-scheme.ts'
import { cssVariables, theme } from './theme/mantine.ts'
import { Boundary } from './ui/boundary.tsx'

/** The editor's page. */
export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={useColorScheme()}>
      <Boundary>
        <Shell />
      </Boundary>
    </MantineProvider>
  )
}
