// What the document's overview takes for granted.
declare const NeurographWSClient: typeof import('./neurograph-ws-client').NeurographWSClient;
