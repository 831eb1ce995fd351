/** Entry of the thread that reads headers for the server. */
import { parentPort } from 'node:worker_threads'
import { toErrorData } from '#core/protocol/error-data.ts'
import { readFact } from '#engine/facts.ts'
import { describeModel } from './describe-model.ts'
import type { HeaderAnswer, HeaderQuestion } from './header-reader.ts'

const answer = (question: HeaderQuestion) =>
  question.ask === 'describe' ? describeModel(question.model) : readFact(question.path, question.kind, question.name)

parentPort?.on('message', ({ id, ...question }: HeaderQuestion & { id: number }) => {
  const tell = (told: HeaderAnswer) => parentPort?.postMessage(told)
  answer(question).then(
    (result) => tell({ id, result }),
    (error: unknown) => tell({ id, error: toErrorData(error) }),
  )
})
