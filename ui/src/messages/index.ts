/** Every sentence the window shows, by screen. */
export * from './audit';
export * from './calls';
export * from './case';
export * from './cases';
export * from './detector';
export * from './package';
export * from './review';
export * from './search';
export * from './shell';
