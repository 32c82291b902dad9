// A page's EventSource, as Node has it: prints every event of the named types as one line of JSON.
// Run with --experimental-eventsource: event_source_client.js URL TYPE...
"use strict";

const [url, ...types] = process.argv.slice(2);
const source = new EventSource(url);
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

source.onopen = () => say({ opened: true });
source.onerror = () => say({ failed: source.readyState });
for (const type of types) {
  source.addEventListener(type, (event) => {
    say({ type, id: event.lastEventId, data: JSON.parse(event.data) });
  });
}

// Its timer for coming back would not keep the process alive.
setInterval(() => {}, 60_000);
