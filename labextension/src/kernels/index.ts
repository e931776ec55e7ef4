export { kernelPickerPlugin, launcherPlugin } from './plugin';
