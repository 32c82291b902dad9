class NeuroGridWebSocket {
    constructor(url, token) {
        this.url = url;
        this.token = token;
        this.socket = null;
        this.reconnectAttempts = 0;
        this.maxReconnectAttempts = 10;
        this.reconnectDelay = 1000;
        this.eventHandlers = new Map();
    }

    connect() {
        try {
            this.socket = new WebSocket(this.url);
            this.setupEventHandlers();
        } catch (error) {
            console.error('WebSocket connection failed:', error);
            this.handleReconnect();
        }
    }

    setupEventHandlers() {
        this.socket.onopen = () => {
            console.log('Connected to NeuroGrid');
            this.authenticate();
            this.reconnectAttempts = 0;
        };

        this.socket.onmessage = (event) => {
            try {
                const message = JSON.parse(event.data);
                this.handleMessage(message);
            } catch (error) {
                console.error('Failed to parse message:', error);
            }
        };

        this.socket.onclose = (event) => {
            console.log('Connection closed:', event.code, event.reason);
            if (event.code !== 1000) {  // Not a normal closure
                this.handleReconnect();
            }
        };

        this.socket.onerror = (error) => {
            console.error('WebSocket error:', error);
        };
    }

    authenticate() {
        this.send({
            type: 'authenticate',
            data: { token: this.token }
        });
    }

    send(message) {
        if (this.socket && this.socket.readyState === WebSocket.OPEN) {
            this.socket.send(JSON.stringify(message));
        } else {
            console.warn('Socket not ready, queuing message');
        }
    }

    joinRoom(room, filters = {}) {
        this.send({
            type: 'join_room',
            data: { room, filters }
        });
    }

    leaveRoom(room) {
        this.send({
            type: 'leave_room',
            data: { room }
        });
    }

    on(eventType, handler) {
        if (!this.eventHandlers.has(eventType)) {
            this.eventHandlers.set(eventType, []);
        }
        this.eventHandlers.get(eventType).push(handler);
    }

    off(eventType, handler) {
        const handlers = this.eventHandlers.get(eventType);
        if (handlers) {
            const index = handlers.indexOf(handler);
            if (index > -1) {
                handlers.splice(index, 1);
            }
        }
    }

    handleMessage(message) {
        const { type, data } = message;
        const handlers = this.eventHandlers.get(type) || [];
        handlers.forEach(handler => {
            try {
                handler(data, message);
            } catch (error) {
                console.error(`Error in ${type} handler:`, error);
            }
        });
    }

    handleReconnect() {
        if (this.reconnectAttempts < this.maxReconnectAttempts) {
            this.reconnectAttempts++;
            const delay = this.reconnectDelay * Math.pow(2, this.reconnectAttempts - 1);
            
            console.log(`Reconnecting in ${delay}ms (attempt ${this.reconnectAttempts})`);
            
            setTimeout(() => {
                this.connect();
            }, delay);
        } else {
            console.error('Max reconnection attempts reached');
        }
    }

    disconnect() {
        if (this.socket) {
            this.socket.close(1000, 'Client disconnect');
            this.socket = null;
        }
    }
}

// Usage Example
const ws = new NeuroGridWebSocket('ws://localhost:3001/ws', 'your-jwt-token');

// Set up event handlers
ws.on('task_update', (data) => {
    console.log('Task updated:', data.task_id, data.status);
    updateTaskUI(data);
});

ws.on('node_status', (data) => {
    console.log('Node status changed:', data.node_id, data.status);
    updateNodeDashboard(data);
});

ws.on('system_notification', (data) => {
    showNotification(data.level, data.title, data.message);
});

// Connect and join rooms
ws.connect();

// After authentication, join relevant rooms
ws.on('auth_response', (data) => {
    if (data.success) {
        ws.joinRoom('tasks', { user_id: data.user_id });
        ws.joinRoom('nodes');
        
        if (data.permissions.includes('admin')) {
            ws.joinRoom('analytics');
        }
    }
});
