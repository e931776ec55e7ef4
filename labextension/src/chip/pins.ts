export * from '../devices/pins';
