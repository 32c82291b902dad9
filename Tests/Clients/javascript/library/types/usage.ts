// Compiled, never run: what an application in TypeScript writes, and what it must not be allowed to.
import {
    Channel, Disconnected, getWebSocketClient, NeuroGridWebSocket, NeurographWSClient, Refusal, WSEventType,
} from '@neurogrid/client';
import type { Events, NeuroGridOptions, QubixOptions } from '@neurogrid/client';
import DefaultNeurographClient from '@neurogrid/client/neurograph';
import { useJobProgress, useMarketplaceUpdates, useProviderMetrics, useWebSocket } from '@neurogrid/client/react';

const options: NeuroGridOptions = { maxRooms: 5, heartbeatInterval: 10_000 };
const client = new NeuroGridWebSocket('wss://host/ws', async () => 'token', options);

export async function native(): Promise<void> {
    const connected: Events.Connected = await client.connect();
    const joined = await client.joinRoom('nodes', { regions: ['eu-west-1'], status: 'online' });
    const since: Events.Position | null = client.position('general');
    if (since) await client.joinRoom('general', {}, { since });
    const off = client.on('node_metrics', (data, message) => {
        const share: number | null = data.metrics.cpu_usage;
        const place: number | undefined = message.offset;
        console.log(share, place, data.gpus[0]?.temperature);
    });
    client.on('task_update', (data) => console.log(data.result?.processing_time, data.cost?.amount));
    client.on('gap', ({ room, gap }) => console.log(room, gap.cause === 'trimmed'));
    client.on('gave_up', ({ error }) => {
        if (error instanceof Refusal) console.log(error.code);
        if (error instanceof Disconnected) console.log(error.reason);
    });
    client.on('*', (_data, _message, type) => console.log(type));
    off();
    console.log(connected.server_time, joined.recovered, client.state === 'open');

    // @ts-expect-error no such event
    client.on('node_matrics', () => {});
    // @ts-expect-error no such filter
    await client.joinRoom('nodes', { colour: 'red' });
    // @ts-expect-error no such state of a node or task
    await client.joinRoom('nodes', { status: 'asleep' });
    // @ts-expect-error the address is missing
    new NeuroGridWebSocket();
    // @ts-expect-error what a reading that may be absent is not
    client.on('node_metrics', (data) => data.metrics.cpu_usage.toFixed());
}

export async function qubix(options: QubixOptions): Promise<void> {
    const client = getWebSocketClient('ws://localhost:3001', options);
    await client.connect();
    client.subscribeToMarketplace();
    client.on(WSEventType.PROVIDER_REGISTERED, (data) => console.log(data.gpuModel));
    client.on(WSEventType.GPU_METRICS_UPDATE, (data) => console.log(data.metrics.gpuTemp));
    client.unsubscribe('provider:provider-123');
    // @ts-expect-error a provider has a status, not a mood
    client.on(WSEventType.PROVIDER_STATUS_CHANGED, (data) => console.log(data.mood));
}

export async function neurograph(): Promise<void> {
    const url = 'ws://localhost:8000/ws';
    const client = new NeurographWSClient({ url, token: 'jwt', autoReconnect: true, debug: true });
    const info = await client.connect();
    client.subscribe('metrics', (event) => console.log(event.data.cpu_percent));
    client.subscribe([Channel.SIGNALS, Channel.LOGS], (event) => console.log(event.event_type));
    client.on('disconnected', ({ reason }) => console.log(reason, info.client_id));
    const same: typeof NeurographWSClient = DefaultNeurographClient;
    // @ts-expect-error no such channel
    client.subscribe('metrix', () => {});
    console.log(same);
}

export function Page({ providerId }: { providerId: string }): boolean {
    const { isConnected, on } = useWebSocket();
    useMarketplaceUpdates((data, message) => console.log(message.type, data));
    useProviderMetrics(providerId, (data) => console.log(data.metrics.gpuPercent));
    useJobProgress(null, (data) => console.log(data.progress?.progress, data.status));
    on('JOB_COMPLETED', (data) => console.log(data.result));
    return isConnected;
}
