import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { t } from '../strings/t.ts'
import styles from './boundary.module.css'
import { forgetFailures } from './deferred.ts'

interface BoundaryProps {
  readonly children: ReactNode
  /** Wraps the message. */
  readonly frame?: (message: ReactNode) => ReactNode
}

/** An error boundary: a child that fails to load or render does not affect the rest of the page. */
export class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError = () => ({ failed: true })

  override componentWillUnmount() {
    // allow another try when it is shown again
    if (this.state.failed) forgetFailures()
  }

  private readonly tryAgain = () => {
    forgetFailures()
    this.setState({ failed: false })
  }

  override render(): ReactNode {
    const { children, frame = (message) => message } = this.props
    return this.state.failed ? frame(<Failure onTryAgain={this.tryAgain} />) : children
  }
}

function Failure({ onTryAgain }: { readonly onTryAgain: () => void }) {
  return (
    <div role="alert" className={`${styles.failure} nodrag nopan`}>
      <p>{t('shell.failure.text')}</p>
      <div className={styles.choices}>
        <Button size="xs" onClick={onTryAgain}>
          {t('shell.failure.again')}
        </Button>
        <Button size="xs" variant="default" onClick={() => location.reload()}>
          {t('shell.failure.reload')}
        </Button>
      </div>
    </div>
  )
}
