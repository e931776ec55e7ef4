export { Command } from './copy';
export * from './format';
export { useCopy, useSignalValue } from './hooks';
export { gpuIcon } from './icons';
export { Marked, unmarked } from './marked';
export { Message } from './message';
export { Section } from './section';
export { followSettings } from './settings';
