/** `@millrace/windowing/overflow`: for state that is larger than memory. */
export { checkOverflow } from './operators/check-overflow.ts';
export { coldPanes } from './operators/cold-panes.ts';
export { coldSessions } from './operators/cold-sessions.ts';
export { coldStates } from './operators/cold-states.ts';
