import { Lightbulb } from 'lucide-react'
import { FixButtons } from '../../canvas/view/fix-buttons.tsx'
import { isQuestion, useAdvice } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

/** Advice about settings that run but give poor results, with buttons where it names the values that are right. */
export function NodeAdvice({ id }: { readonly id: string }) {
  const advice = useAdvice(id)
  if (advice.length === 0) return null
  return (
    <ul className={styles.advice} aria-label={t('panels.node.advice')}>
      {advice.map((each) => (
        <li key={each.message}>
          <Lightbulb size={14} aria-hidden />
          <p>
            {each.message} {each.hint}
          </p>
          {isQuestion(each) && (
            <div className={styles.fixes}>
              <FixButtons node={id} input={each.input} problem={each} most={each.answers?.length ?? 1} />
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}
