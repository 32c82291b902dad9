import type { LinkEvents } from './options.js';

/** A place in a room's log. */
export interface Position {
    epoch: number;
    offset: number;
}

export type NodeStatus = 'online' | 'busy' | 'draining' | 'offline';
export type TaskStatus = 'pending' | 'assigned' | 'running' | 'completed' | 'failed' | 'cancelled' | 'lost';

/** See docs/protocol.md, "Filters". */
export interface Filters {
    regions?: string | string[];
    status?: (NodeStatus | TaskStatus) | (NodeStatus | TaskStatus)[];
    node_ids?: string | string[];
    node_id?: string | string[];
    user_id?: string;
}

/** What a client may say. */
export type ClientMessage = { type: string; data?: unknown };

/** A whole message. Events of rooms say where they stand. */
export interface Message<Type extends keyof NeuroGridEvents = keyof NeuroGridEvents> extends Partial<Position> {
    type: Type;
    room?: string;
    data: NeuroGridEvents[Type];
}

export interface AuthResponse {
    user_id: string;
    session_id: string;
    permissions: string[];
    success: boolean;
}

export interface AuthError {
    code: string;
    message: string;
    action: 'redirect_to_login' | 'authenticate' | 'none';
}

export interface Connected {
    connection_id: string;
    server_time: string;
    api_version: string;
}

export interface Gap {
    from: Position;
    to: Position;
    cause: 'trimmed' | 'unlogged' | 'epoch_changed' | 'ahead';
}

export interface RoomJoined extends Position {
    room: string;
    recovered?: boolean;
    gap?: Gap;
}

export interface HealthReason {
    code: string;
    message: string;
    points: number;
}

/** GB are 2³⁰ bytes, shares percent, temperatures °C, power W. What a machine does not have is `null`. */
export interface NodeStatusEvent {
    node_id: string;
    status: NodeStatus;
    previous_status: NodeStatus | null;
    current_task: string | null;
    updated_at: string;
    metrics: {
        gpu_utilization: number | null;
        memory_usage: number | null;
        temperature: number | null;
        power_draw: number | null;
    };
    health_score: number | null;
    health_coverage: number;
    health_reasons: HealthReason[];
}

export interface Gpu {
    index: number;
    uuid: string;
    name: string;
    pci_bus_id: string;
    state: 'ok' | 'stale' | 'driver_hung' | 'lost' | null;
    gpu_utilization: number | null;
    memory_usage: number | null;
    temperature: number | null;
    power_draw: number | null;
    memory_total: number | null;
    memory_activity: number | null;
    power_limit: number | null;
    sm_clock: number | null;
    memory_clock: number | null;
    fan_speed: number | null;
    throttle_reasons: string[] | null;
    uncorrected_errors: number | null;
    processes: { pid: number; memory_usage: number | null }[] | null;
}

export interface NodeMetricsEvent {
    node_id: string;
    timestamp: string;
    metrics: {
        cpu_usage: number | null;
        ram_usage: number | null;
        gpu_usage: number | null;
        gpu_memory: number | null;
        network_io: { bytes_in: number | null; bytes_out: number | null };
        disk_io: { read_mb: number | null; write_mb: number | null };
    };
    health_score: number | null;
    health_coverage: number;
    health_reasons: HealthReason[];
    interval_seconds: number;
    gpus: Gpu[];
    host: Record<string, number | null>;
}

export interface NodeRegisteredEvent {
    node_id: string;
    name: string;
    owner_id: string;
    specifications: Record<string, string | number | null>;
    location: { region: string | null; city: string | null; country: string | null };
    registered_at: string;
}

export interface TaskUpdateEvent {
    task_id: string;
    status: TaskStatus;
    previous_status: TaskStatus | null;
    node_id: string | null;
    updated_at: string;
    result: {
        output: unknown;
        tokens_used: number | null;
        /** Seconds. */
        processing_time: number | null;
        exit_status: number | null;
        signal: number | null;
        message: string | null;
    } | null;
    cost: { amount: number; currency: string } | null;
    task_number: number;
    job_id: string;
    user_id: string;
    epoch: number;
    fault: string | null;
}

export interface TaskAssignedEvent {
    task_id: string;
    node_id: string;
    user_id: string;
    model: string | null;
    priority: number;
    /** Seconds. */
    estimated_duration: number | null;
    assigned_at: string;
    task_number: number;
    job_id: string;
    epoch: number;
}

export interface TaskProgressEvent {
    task_id: string;
    /** Percent. */
    progress: number;
    stage: string | null;
    eta_seconds: number | null;
    message: string | null;
    task_number: number;
    job_id: string;
    node_id: string;
    epoch: number;
    updated_at: string;
}

export interface SystemNotificationEvent {
    level: 'info' | 'warning' | 'error' | 'critical';
    title: string;
    message: string;
    scheduled_time: string | null;
    /** Seconds. */
    estimated_duration: number | null;
    affected_services: string[];
    notification_id: string;
    sent_at: string;
}

export interface BalanceUpdateEvent {
    user_id: string;
    balances: Record<string, { total: number; available: number; locked: number }>;
    updated_at: string;
}

export interface PaymentConfirmedEvent {
    transaction_id: string;
    user_id: string;
    amount: number;
    currency: string;
    type: 'task_payment' | 'task_earning' | 'deposit';
    related_task: string | null;
    confirmed_at: string;
}

export interface AnalyticsUpdateEvent {
    timestamp: string;
    metrics: {
        active_users: number;
        active_nodes: number;
        tasks_per_minute: number;
        average_response_time: number | null;
        network_utilization: number | null;
    };
    alerts: { level: string; message: string; threshold: number | null }[];
}

/** What handlers are called with, by type. */
export interface NeuroGridEvents extends LinkEvents<ClientMessage> {
    auth_response: AuthResponse;
    auth_error: AuthError;
    connected: Connected;
    room_joined: RoomJoined;
    room_left: { room: string };
    node_registered: NodeRegisteredEvent;
    node_status: NodeStatusEvent;
    node_metrics: NodeMetricsEvent;
    task_update: TaskUpdateEvent;
    task_assigned: TaskAssignedEvent;
    task_progress: TaskProgressEvent;
    analytics_update: AnalyticsUpdateEvent;
    system_notification: SystemNotificationEvent;
    balance_update: BalanceUpdateEvent;
    payment_confirmed: PaymentConfirmedEvent;
    pong: { timestamp: string; echo?: unknown };
    error: { code: string; message: string; retry_in?: number };
    rate_limit_exceeded: { code: string; message: string; reset_time: string; limit: number; remaining: number };
    conflated: { room: string; skipped: number; from_offset: number; to_offset: number };
    resume_ticket: { reason: 'slow' | 'drain'; retry_after_ms: number; rooms: ({ room: string } & Position)[] };
    /** Everything since the last connection follows in that room. */
    resumed: { room: string } & Position;
    /** Something is missing in that room: read the present state from the REST interface. */
    gap: { room: string; gap: Gap };
    /** A room that cannot be joined, and is not asked for again. */
    join_refused: { room: string; code: string; message: string };
    /** The function that gets tokens threw. */
    token_error: unknown;
}
