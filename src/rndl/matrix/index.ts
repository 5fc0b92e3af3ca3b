/** Every subset of what could leak, against every thing that a run protected. */
export { isAchieved } from './achieved.js'
export { disagreements, type Judgement, type JudgeOptions, judgeRun } from './judgeRun.js'
export { mergeLeaks } from './mergeLeaks.js'
export { type MatrixOptions, runMatrix } from './runMatrix.js'
