// sample: connect
const ws = new WebSocket('ws://localhost:9002/api/ws/tasks?api_key=YOUR_API_KEY');

ws.onopen = function() {
    console.log('WebSocket connected');
};

ws.onmessage = function(event) {
    const message = JSON.parse(event.data);
    console.log('Received message:', message);
};
// sample: subscribe
// Subscribe to a specific job
ws.send(JSON.stringify({
    type: 'SUBSCRIBE',
    data: {
        room: 'job:123',
        job_id: '123'
    }
}));

// Subscribe to a specific task
ws.send(JSON.stringify({
    type: 'SUBSCRIBE',
    data: {
        room: 'task:456',
        task_id: '456'
    }
}));

// Subscribe to user's tasks
ws.send(JSON.stringify({
    type: 'SUBSCRIBE',
    data: {
        room: 'user:user_123',
        user_id: 'user_123'
    }
}));
// sample: unsubscribe
ws.send(JSON.stringify({
    type: 'UNSUBSCRIBE',
    data: {
        room: 'job:123'
    }
}));
// sample: handle
ws.onmessage = function(event) {
    const message = JSON.parse(event.data);

    switch(message.type) {
        case 'TASK_CREATED':
            console.log('New task created:', message.data);
            break;
        case 'TASK_UPDATED':
            console.log('Task updated:', message.data);
            break;
        case 'TASK_STATUS_CHANGED':
            console.log('Task status changed:', message.data);
            break;
        case 'TASK_FEE_UPDATED':
            console.log('Task fee updated:', message.data);
            break;
    }
};
