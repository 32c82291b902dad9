// The examples of the README, as they stand: the native ones against the coordinator, the others against peers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { createElement } from 'react';
import { getWebSocketClient } from '@neurogrid/client';
import { Diary, grid, Peer, WebSocket, within } from './support.mjs';

const require = createRequire(import.meta.url);
const README = readFileSync(new URL('../node_modules/@neurogrid/client/README.md', import.meta.url), 'utf8');
const examples = [...README.matchAll(/```(jsx?)\n(.*?)```/gs)].map(([, language, text]) => ({ language, text }));
const TIME = '2024-01-15T10:30:00.000Z';
let peers;

before(async () => {
    await grid('agent', { name: 'node-1' });
    const provider = { id: 'p', workerId: 'w', gpuModel: 'RTX 4090', pricePerHour: 0.4 };
    const metrics = { channel: 'metrics', timestamp: TIME, event_type: 'system_metrics', data: { cpu_percent: 45.2 } };
    peers = {
        qubix: await Peer.open((guest) => guest.socket.on('message', () => {
            guest.say({ type: 'PROVIDER_REGISTERED', subscriptionId: 'marketplace', data: provider, timestamp: TIME });
        })),
        neurograph: await Peer.open((guest) => {
            guest.say({ type: 'connected', client_id: 'client-1', user_id: null, timestamp: TIME });
            guest.socket.on('message', () => guest.say(metrics));
        }),
    };
});
after(() => Promise.all(Object.values(peers).map((peer) => peer.close())));

async function run(text, number) {
    const file = new URL(`../example${number}.mjs`, import.meta.url);
    writeFileSync(file, text);
    const child = spawn(process.execPath, [file.pathname], {
        env: {
            ...process.env, NEUROGRID_URL: (await grid('where')).url, NEUROGRID_TOKEN: (await grid('token')).token,
            QUBIX_URL: peers.qubix.url, NEUROGRAPH_URL: peers.neurograph.url,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
    const ended = new Promise((resolve) => child.on('close', resolve));
    try {
        assert.equal(await within(ended, 'end'), 0, said);
    } finally {
        child.kill();
    }
    return said;
}

const expected = [
    /[0-9.]+ GB/, /authenticated at \d{4}-/, /nothing is missing: true/, /New provider: p RTX 4090/, null,
    /Connected as: client-1\nSystem metrics: 45.2/,
];

test('there is an example for each', () => assert.equal(examples.length, expected.length));

for (const [number, { language, text }] of examples.entries()) {
    if (language !== 'js') continue;
    test(`example ${number + 1}`, async () => assert.match(await run(text, number), expected[number]));
}

test('the component', async () => {
    const typescript = require('typescript');
    const { act, create } = require('react-test-renderer');
    globalThis.IS_REACT_ACT_ENVIRONMENT = true;
    const source = examples.find((example) => example.language === 'jsx').text;
    const { outputText } = typescript.transpileModule(source, {
        compilerOptions: { jsx: typescript.JsxEmit.ReactJSX, target: 'es2020', module: 'es2020' },
    });
    const file = new URL('../component.mjs', import.meta.url);
    writeFileSync(file, outputText);
    const { default: Dashboard } = await import(file.href);
    const peer = await Peer.open();
    const client = getWebSocketClient(peer.url, { WebSocket });
    const diary = new Diary(client);
    let tree;
    await act(() => {
        tree = create(createElement(Dashboard, { providerId: 'p' }));
    });
    assert.deepEqual(tree.toJSON().children, ['waiting']);
    const guest = await peer.next();
    guest.say({
        type: 'GPU_METRICS_UPDATE', subscriptionId: 'provider:p', timestamp: TIME,
        data: { providerId: 'p', metrics: { gpuPercent: 80.5, gpuTemp: 72 } },
    });
    await act(() => diary.expect('GPU_METRICS_UPDATE'));
    assert.deepEqual(tree.toJSON().children, ['GPU Usage: 80.5%']);
    await act(() => tree.unmount());
    client.disconnect();
    await peer.close();
});
