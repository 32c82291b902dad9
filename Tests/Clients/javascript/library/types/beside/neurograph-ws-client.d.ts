// The name that the document's sample imports the client by, from a file beside it.
export * from '../../../node_modules/@neurogrid/client/src/neurograph.js';
export { default } from '../../../node_modules/@neurogrid/client/src/neurograph.js';
